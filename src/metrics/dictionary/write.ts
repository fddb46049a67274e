import { writeFile } from 'node:fs/promises'
import { DOCUMENTS, dictionaryDocument } from './document.ts'

/** Writes the dictionary's documents beside the metrics: `npm run dictionary`. */
for (const [locale, name] of Object.entries(DOCUMENTS) as [keyof typeof DOCUMENTS, string][]) {
  await writeFile(new URL(`../${name}`, import.meta.url), dictionaryDocument(locale))
}
