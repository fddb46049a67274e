/** A receiver of webhooks as a process of its own, to be killed: the real routes over the real store. */
import { createLog } from '../../src/log.ts'
import { createHttp } from '../../src/server/http.ts'
import { createNodeServer, listen } from '../../src/server/listen.ts'
import type { Services } from '../../src/server/services.ts'
import { openState } from '../../src/state/sqlite.ts'
import type { Connector } from '../../src/sync/contract.ts'

const { folder, publicUrl, secret } = JSON.parse(process.argv[2]!) as Record<string, string>
const state = openState(folder!)
const { default: hubspot } = await import('../../connectors/hubspot/index.ts')
const log = createLog('silent')
const http = createHttp({} as Services, {
  log,
  host: '127.0.0.1',
  uploads: '',
  webhooks: {
    state,
    findConnector: async () => hubspot as unknown as Connector,
    secretsOf: () => [secret!],
    publicUrl,
    inbox: { wake() {} },
    log,
  },
  ready: () => true,
})
process.send!(await listen(createNodeServer(http), 0, '127.0.0.1'))
