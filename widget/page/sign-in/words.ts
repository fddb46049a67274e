import type { Words } from '../../locales/words.ts'

interface SignInWords {
  readonly title: string
  readonly text: string
  readonly waits: string
  readonly setupTitle: string
  readonly setupText: string
  readonly name: string
  readonly password: string
  readonly signIn: string
  readonly make: string
  readonly wrong: string
  readonly language: string
  readonly network: string
  readonly http: (status: number) => string
}

export const SIGN_IN_WORDS: Record<Words['tag'], SignInWords> = {
  'zh-CN': {
    title: '登录',
    text: '登录后查看营销投资回报。',
    waits: '尚无用户。请打开服务启动时在终端输出的链接，创建第一个用户。',
    setupTitle: '创建第一个用户',
    setupText: '该用户是管理员，可访问全部内容。密码至少 12 个字符。',
    name: '用户名',
    password: '密码',
    signIn: '登录',
    make: '创建并登录',
    wrong: '用户名或密码错误。',
    language: '语言',
    network: '连不上服务，请稍后再试。',
    http: (status) => `服务返回错误 ${status}。`,
  },
  en: {
    title: 'Sign in',
    text: 'Sign in to see the marketing ROI.',
    waits: 'There is no user yet. Open the link that the server printed when it started to make the first one.',
    setupTitle: 'Make the first user',
    setupText: 'This user is an admin and may do everything. The password needs 12 characters or more.',
    name: 'Name',
    password: 'Password',
    signIn: 'Sign in',
    make: 'Make user and sign in',
    wrong: 'Name or password is wrong.',
    language: 'Language',
    network: 'The server does not answer. Try again in a moment.',
    http: (status) => `The server answered with error ${status}.`,
  },
}
