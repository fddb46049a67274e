import { expect, test } from 'vitest'
import { folderOf, temporaryFolder, world } from './import-kit.ts'
import { contents, run } from './import-process.ts'

test.each([
  ['the copy of a file', 200],
  ['the state store', 60],
  ['the fact store', 6000],
])(
  'a disk that is full while %s is written is named, and the same import completes once there is room',
  async (_, blocks) => {
    const texts = world(22, 40)
    const [folder, calm, dataDir] = [await folderOf(texts), await temporaryFolder(), await temporaryFolder()]
    expect(await run(calm, folder)).toMatchObject({ code: 0, errors: '' })
    const full = await run(dataDir, folder, { blocks })
    expect(full.code).toBe(1)
    expect(full.errors).toMatch(/disk_full/)
    expect(await run(dataDir, folder)).toMatchObject({ code: 0, errors: '' })
    expect(await contents(dataDir)).toEqual(await contents(calm))
  },
)
