import type { Words } from '../locales/words.ts'

type Said = readonly [title: string, text: string]

/** What the embedded page says besides the panel. */
interface EmbedWords {
  readonly title: string
  readonly close: string
  readonly opening: Said
  readonly ended: Said
  readonly unreachable: Said
  readonly closed: Said
}

export const EMBED_WORDS: Record<Words['tag'], EmbedWords> = {
  en: {
    title: 'Marketing ROI',
    close: 'Close',
    opening: ['Opening', 'The panel is being opened.'],
    ended: [
      'This access has ended',
      'An address of the panel opens once, within a minute, and a session lasts eight hours. Close this window and open the panel again.',
    ],
    unreachable: ['The service cannot be reached', 'Close this window, wait a moment and open the panel again.'],
    closed: ['Closed', 'Open the panel again to go on.'],
  },
  'zh-CN': {
    title: '营销投资回报',
    close: '关闭',
    opening: ['正在打开', '正在打开面板。'],
    ended: ['此次访问已结束', '面板地址只能在一分钟内打开一次，打开后最长可用八小时。请关闭此窗口并重新打开面板。'],
    unreachable: ['连不上服务', '请关闭此窗口，稍后重新打开面板。'],
    closed: ['已关闭', '如需继续，请重新打开面板。'],
  },
}
