import { css } from 'lit'

/** The list that stands for the channel table below 360 px, loaded with it. */
export const listStyles = css`
  .ch { padding-block: 10px; border-block-end: var(--roi-hairline); }
  .ch .top { display: flex; justify-content: space-between; align-items: center; gap: 12px; min-height: 24px; font-weight: var(--roi-weight-strong); }
  .ch h3 { flex: 1; display: flex; align-items: center; min-width: 0; font: inherit; }
  .ch .bar { width: 100%; margin-block: 4px 6px; }
  .ch dl { display: grid; grid-template-columns: 1.15fr 1fr 1fr; gap: 4px var(--roi-3); }
  .ch dl div { min-width: 0; overflow-wrap: anywhere; }
  .ch dt { font-size: var(--roi-text-xs); line-height: 14px; color: var(--roi-ink-3); }
  .ch dd { font-size: var(--roi-text-sm); line-height: 18px; }
  .ch.sum { border-block-start: var(--roi-total-rule); }
  .ch.sel .roi-v { outline: 2px solid var(--roi-accent); outline-offset: 3px; border-radius: 2px; min-width: 0; }
  .ch:last-child { border-block-end: 0; padding-block-end: 0; }
`
