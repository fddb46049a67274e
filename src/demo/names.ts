import type { Random } from './random.ts'

const FIRST = ['青岚', '禾川', '云杉', '星野', '北屿', '南栀', '松涧', '晴湾', '远帆', '朗月', '白桦', '沐阳']
const TRADE = ['精密', '智造', '食品', '物流', '医疗器械', '新材料', '教育', '软件', '环保', '零售']

/** Name of a company that says of itself that it is none; the number keeps names apart. */
export function invented(number: number, random: Random): string {
  return `${random.pick(FIRST)}${random.pick(TRADE)}（示例 ${String(number).padStart(3, '0')}）`
}
