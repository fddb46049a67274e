import { parse } from '../server/parse.ts'
import { type AskOf, type CommandName, REQUESTS, type RequestOf } from '../server/requests.ts'

/** Completes what a command line asks. @throws RoiError `bad_request` that names the options as they are written */
export function parseRequest<Name extends CommandName>(name: Name, ask: AskOf<Name>): RequestOf<Name> {
  return parse(REQUESTS[name], withoutUndefined(ask), (parameter) =>
    parameter === 'metric' || parameter === 'what' ? parameter : `--${parameter.replaceAll('_', '-')}`,
  ) as RequestOf<Name>
}

/** Options that were not given are left out, so that their defaults apply. */
function withoutUndefined(ask: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(ask).filter(([, value]) => value !== undefined))
}
