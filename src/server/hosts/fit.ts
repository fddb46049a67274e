import type { Panel, RecordView } from '../../api.ts'
import type { RuleModel } from '../../model/rule-models.ts'
import { tooLarge } from './problems.ts'

/** HubSpot takes answers of 1 MB; some room for what is on the way. */
export const MAX_ANSWER = 950_000

function fits(answer: unknown, limit: number): boolean {
  return Buffer.byteLength(JSON.stringify(answer)) <= limit
}

/**
 * A record's view as large as the host takes it: the oldest of the journey go first, and `journey_more` counts the touches among
 * them, then the oldest deals, of which `deals_count` tells. Figures, credit and their sums always stay.
 * @throws RoiError `answer_too_large`
 */
export function fitRecord(view: RecordView, limit = MAX_ANSWER): RecordView {
  let fitted = view
  while (!fits(fitted, limit)) {
    const { journey, deals } = fitted
    if (journey.length > 0) {
      const gone = journey.slice(0, Math.ceil(journey.length / 2))
      fitted = {
        ...fitted,
        journey: journey.slice(gone.length),
        journey_more: fitted.journey_more + gone.filter(({ kind }) => kind === 'touch').length,
      }
    } else if (deals.length > 0) fitted = { ...fitted, deals: deals.slice(0, Math.floor(deals.length / 2)) }
    else throw tooLarge()
  }
  return fitted
}

/**
 * The panel for the host, with the asked model in front, and without models it cannot show. Too large, it keeps that model
 * only; rows are never left out, because their sum would no longer be the total.
 * @throws RoiError `answer_too_large`
 */
export function fitPanel(panel: Panel, wished: RuleModel | undefined, limit = MAX_ANSWER): Panel {
  const model = wished !== undefined && panel.views[wished] ? wished : panel.model
  const models = panel.models.filter(({ id, available }) => !available || Object.hasOwn(panel.views, id))
  const chosen: Panel = { ...panel, model, models }
  if (fits(chosen, limit)) return chosen
  const one: Panel = {
    ...chosen,
    views: { [model]: panel.views[model] } as Panel['views'],
    models: panel.models.filter(({ id }) => id === model),
    spread: [],
    findings: [],
  }
  if (fits(one, limit)) return one
  throw tooLarge()
}
