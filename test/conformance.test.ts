import { CONNECTORS } from '../connectors/index.ts'
import { conformance } from './conformance/suite.ts'
import { CONNECTORS as TINY } from './tiny-connector/registry.ts'

await conformance(CONNECTORS, { folder: new URL('../connectors/', import.meta.url) })
await conformance(TINY, { folder: new URL('./', import.meta.url) })
