/**
 * The two-line embed: `<script type="module" src="…/loader.js"></script><roi-panel …></roi-panel>`. Loads the element
 * from beside itself once the page has one. An element inside another shadow root is not seen: import roi-panel.js there.
 */
const TAG = 'roi-panel'
/** Not written into the URL below, where the build would take it for an asset. */
const FILE = './roi-panel.js'

function load(): void {
  void import(/* @vite-ignore */ new URL(FILE, import.meta.url).href)
}

if (document.querySelector(TAG)) load()
else {
  const watch = new MutationObserver(() => {
    if (!document.querySelector(TAG)) return
    watch.disconnect()
    load()
  })
  watch.observe(document, { childList: true, subtree: true })
}
