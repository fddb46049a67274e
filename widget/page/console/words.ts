import type { ConnectionStatus, OAuthInfo } from '../../../src/api.ts'
import type { Words } from '../../locales/words.ts'

interface ConsoleWords {
  readonly title: string
  readonly none: string
  readonly some: (count: number, wrong: number) => string
  readonly states: Record<ConnectionStatus['state'] | 'running', string>
  readonly rows: (count: number) => string
  readonly rate: (rows: number) => string
  readonly left: (duration: string) => string
  readonly quota: (left: number, of: number) => string
  readonly seconds: (count: number) => string
  readonly minutes: (count: number) => string
  readonly hours: (count: number) => string
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
  readonly scopes: (list: string) => string
  readonly conditional: string
  readonly onDemand: string
  readonly purposes: Record<OAuthInfo['on_demand'][number]['purpose'], string>
  readonly settings: string
  readonly name: string
  readonly every: string
  readonly everyHelp: string
  readonly kept: string
  readonly save: string
  readonly saved: (title: string) => string
  readonly unchanged: string
  readonly access: string
  readonly granted: (list: string) => string
  readonly grantAgain: string
  readonly grantBelow: string
  readonly writeBack: Record<
    NonNullable<ConnectionStatus['write_back']>['state'],
    (when: string, written: number, refused: number) => string
  >
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
    rate: (rows) => `每秒 ${rows.toLocaleString('zh-CN')} 行`,
    left: (duration) => `约剩 ${duration}`,
    quota: (left, of) => `请求额度剩余 ${left.toLocaleString('zh-CN')}/${of.toLocaleString('zh-CN')}`,
    seconds: (count) => `${count} 秒`,
    minutes: (count) => `${count} 分钟`,
    hours: (count) => `${count} 小时`,
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
    scopes: (list) => `只读权限：${list}`,
    conditional: '另外请求（账户套餐须包含）',
    onDemand: '仅在需要时请求',
    purposes: {
      write_back: '写回结果：将来源、归因与 ROI 写入商机和联系人；须在设置中开启',
      compare: '与其自有归因对比：每个活动的收入',
    },
    settings: '设置',
    name: '名称',
    every: '同步间隔（分钟）',
    everyHelp: '留空则仅在手动时同步。',
    kept: '已保存；留空则不变',
    save: '保存',
    saved: (title) => `已保存 ${title} 的设置，下次同步时生效。`,
    unchanged: '没有需要修改的内容。',
    access: '访问权限',
    granted: (list) => `已授予：${list}`,
    grantAgain: '重新授权',
    grantBelow: '请在下方勾选并重新授权。',
    writeBack: {
      waiting: () => '写回：将在下次完整同步后开始。',
      done: (when, written, refused) =>
        `写回：${when}，写入 ${written.toLocaleString('zh-CN')} 条${refused > 0 ? `，拒绝 ${refused.toLocaleString('zh-CN')} 条` : ''}。`,
      failed: (when) => `写回失败（${when}）：`,
    },
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
    rate: (rows) => `${rows.toLocaleString('en')} rows/s`,
    left: (duration) => `about ${duration} left`,
    quota: (left, of) => `${left.toLocaleString('en')} of ${of.toLocaleString('en')} requests left`,
    seconds: (count) => `${count} s`,
    minutes: (count) => `${count} min`,
    hours: (count) => `${count} h`,
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
    scopes: (list) => `Read-only scopes: ${list}`,
    conditional: 'Ask for these too (the plan of the account must have them)',
    onDemand: 'Asked for only if you want it',
    purposes: {
      write_back: 'Write results back: source, credit and ROI on deals and contacts; switched on in the settings',
      compare: 'Compare with its own attribution: revenue of each campaign',
    },
    settings: 'Settings',
    name: 'Name',
    every: 'Minutes between runs',
    everyHelp: 'Empty: only when asked.',
    kept: 'Kept; leave empty to keep it',
    save: 'Save',
    saved: (title) => `The settings of ${title} are saved. The next run has them.`,
    unchanged: 'Nothing was to be changed.',
    access: 'Access',
    granted: (list) => `Granted: ${list}`,
    grantAgain: 'Grant access again',
    grantBelow: 'Tick it below and grant access again.',
    writeBack: {
      waiting: () => 'Write-back begins after the next complete run.',
      done: (when, written, refused) =>
        `Write-back: ${when}, ${written.toLocaleString('en')} written${refused > 0 ? `, ${refused.toLocaleString('en')} refused` : ''}.`,
      failed: (when) => `Write-back failed (${when}):`,
    },
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
