import type { ConnectionStatus } from '../../../src/api.ts'
import type { Words } from '../../locales/words.ts'

interface ConsoleWords {
  readonly title: string
  readonly none: string
  readonly some: (count: number, wrong: number) => string
  readonly states: Record<ConnectionStatus['state'] | 'running', string>
  readonly rows: (count: number) => string
  readonly last: string
  readonly next: string
  readonly sync: string
  readonly disconnect: string
  readonly sure: (title: string) => string
  readonly keep: string
  readonly erase: string
  readonly force: string
  readonly cancel: string
  readonly add: string
  readonly addText: string
  readonly grant: (title: string) => string
  readonly reconnect: string
  readonly scopes: string
  readonly conditional: string
  readonly withToken: string
  readonly connect: string
  readonly connected: string
  readonly gone: (title: string, rows: number) => string
  readonly working: string
  readonly workspace: string
  readonly language: string
  readonly panel: string
  readonly signOut: string
  readonly notAllowed: string
  readonly network: string
  readonly http: (status: number) => string
  readonly requestId: string
}

export const CONSOLE_WORDS: Record<Words['tag'], ConsoleWords> = {
  'zh-CN': {
    title: '连接',
    none: '尚无连接',
    some: (count, wrong) => (wrong > 0 ? `${count} 个连接，其中 ${wrong} 个需要处理` : `${count} 个连接，均正常`),
    states: {
      pending: '待首次同步',
      active: '正常',
      paused: '已暂停',
      reconnect: '需重新连接',
      failed: '失败',
      incomplete: '不完整',
      running: '正在同步',
    },
    rows: (count) => `${count.toLocaleString('zh-CN')} 行`,
    last: '上次成功',
    next: '下次同步',
    sync: '立即同步',
    disconnect: '断开…',
    sure: (title) => `断开 ${title}？应用会在对方处卸载，令牌会被删除。`,
    keep: '断开，保留数据',
    erase: '断开并删除数据',
    force: '仍然断开',
    cancel: '取消',
    add: '添加连接',
    addText: '选择要连接的数据源',
    grant: (title) => `连接 ${title}`,
    reconnect: '重新连接',
    scopes: '只读权限',
    conditional: '另外请求（账户套餐须包含）',
    withToken: '改用访问令牌',
    connect: '连接',
    connected: '已连接，首次同步已开始。',
    gone: (title, rows) => (rows > 0 ? `已断开 ${title}，删除 ${rows} 行。` : `已断开 ${title}。`),
    working: '请稍候…',
    workspace: '工作区',
    language: '语言',
    panel: '返回面板',
    signOut: '退出登录',
    notAllowed: '只有管理员可以管理连接。',
    network: '连不上服务，请稍后再试。',
    http: (status) => `服务返回错误 ${status}。`,
    requestId: '请求编号',
  },
  en: {
    title: 'Connections',
    none: 'Nothing is connected yet',
    some: (count, wrong) =>
      wrong > 0 ? `${count} connected, ${wrong} of them need attention` : `${count} connected, all work`,
    states: {
      pending: 'Waiting for its first run',
      active: 'Works',
      paused: 'Paused',
      reconnect: 'Must be connected again',
      failed: 'Failed',
      incomplete: 'Incomplete',
      running: 'Synchronizing',
    },
    rows: (count) => `${count.toLocaleString('en')} rows`,
    last: 'Last success',
    next: 'Next run',
    sync: 'Synchronize now',
    disconnect: 'Disconnect…',
    sure: (title) => `Disconnect ${title}? The app is uninstalled there and the tokens are deleted.`,
    keep: 'Disconnect, keep the data',
    erase: 'Disconnect and erase the data',
    force: 'Disconnect all the same',
    cancel: 'Cancel',
    add: 'Add a connection',
    addText: 'Choose what to connect',
    grant: (title) => `Connect ${title}`,
    reconnect: 'Connect again',
    scopes: 'Read-only scopes',
    conditional: 'Ask for these too (the plan of the account must have them)',
    withToken: 'With an access token instead',
    connect: 'Connect',
    connected: 'Connected. The first synchronization has begun.',
    gone: (title, rows) =>
      rows > 0 ? `${title} is disconnected, ${rows} rows were erased.` : `${title} is disconnected.`,
    working: 'One moment…',
    workspace: 'Workspace',
    language: 'Language',
    panel: 'Back to the panel',
    signOut: 'Sign out',
    notAllowed: 'Only an admin may manage connections.',
    network: 'The server does not answer. Try again in a moment.',
    http: (status) => `The server answered with error ${status}.`,
    requestId: 'Request',
  },
}
