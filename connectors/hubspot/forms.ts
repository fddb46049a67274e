import { contentHash } from '../../src/model/ids.ts'
import type { PersonRef, Touch } from '../../src/model/records.ts'
import type { Page, Reject } from '../../src/sync/contract.ts'
import { pages } from './api.ts'
import { listForms, listSubmissions } from './api-marketing.ts'
import type { Env, HubspotContext } from './env.ts'
import { parseInstant } from './fields.ts'
import { idOf, isObject } from './item.ts'
import { isOff } from './setup.ts'
import { type Clues, urlClues, utmField } from './sources.ts'
import { present, refuse, say } from './words.ts'

interface Form {
  readonly id: string
  readonly name: string | undefined
}

/** Whether single submissions can be read; if not, the conversions kept on contacts stand in. */
export async function canReadForms(context: HubspotContext): Promise<boolean> {
  if (!context.settings.forms) return false
  try {
    await listForms(context.http, undefined, 1)
    return true
  } catch (error) {
    if (isOff(error)) return false
    throw error
  }
}

/**
 * Submissions of all forms as touches of whoever gave an e-mail address (or else a telephone number): HubSpot names no
 * contact. A form's submissions come newest first, so an incremental read stops at the first one before `since`.
 */
export async function* readSubmissions(
  context: HubspotContext,
  env: Env,
  since: Date | null,
  cursor: string | null,
): AsyncGenerator<Page> {
  if (!context.settings.forms) return
  const [done = '', from] = cursor?.split(' ') ?? []
  const forms = await formsOf(context)
  for (const form of forms) {
    // The cursor is the last form read, or the form being read and the page that comes next.
    if (form.id < done || (form.id === done && from === undefined)) continue
    const start = form.id === done ? from : undefined
    for await (const { results, next } of pages((after) => listSubmissions(context.http, form.id, after), start)) {
      const page = pageOf(results, form, env, since)
      const ended = next === undefined || page.reachedSince
      yield { ...page.page, cursor: ended ? form.id : `${form.id} ${next}` }
      if (ended) break
    }
  }
}

async function formsOf(context: HubspotContext): Promise<Form[]> {
  const forms = new Map<string, Form>()
  for await (const { results } of pages((after) => listForms(context.http, after))) {
    for (const raw of results) {
      const id = isObject(raw) ? idOf(raw.id) : undefined
      if (isObject(raw) && id !== undefined)
        forms.set(id, { id, name: typeof raw.name === 'string' ? raw.name : undefined })
    }
  }
  return [...forms.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function pageOf(results: readonly unknown[], form: Form, env: Env, since: Date | null) {
  const records: Touch[] = []
  const rejected: Reject[] = []
  let anonymous = 0
  let reachedSince = false
  for (const raw of results) {
    const at = isObject(raw) ? parseInstant(raw.submittedAt, env.zone) : undefined
    if (!isObject(raw) || !at) {
      const message = say(
        `A submission of form ${form.id} has no usable date.`,
        `表单 ${form.id} 的一次提交没有可用日期。`,
      )
      rejected.push(refuse(isObject(raw) ? idOf(raw.conversionId) : undefined, 'bad_submission', message, undefined))
      continue
    }
    if (since && at < since) {
      reachedSince = true
      continue
    }
    const touch = toSubmission(raw, at, form)
    if (touch) records.push(touch)
    else anonymous += 1
  }
  const notices = anonymous > 0 ? [nobody(anonymous, form)] : []
  return { page: { records, rejected, notices }, reachedSince }
}

function nobody(count: number, form: Form) {
  return {
    code: 'form_without_person',
    message: say(
      'Form submissions without an e-mail address or telephone number belong to no one and are left out.',
      '没有邮箱或电话的表单提交无法归属到个人，已略过。',
    ),
    count,
    example: form.id,
  }
}

/** Only identity and origin are kept of what a person entered. Undefined when nothing says who it was. */
export function toSubmission(raw: Record<string, unknown>, at: Date, form: Form): Touch | undefined {
  const values = new Map<string, string>()
  for (const field of Array.isArray(raw.values) ? raw.values : []) {
    if (!isObject(field) || typeof field.name !== 'string') continue
    const value = typeof field.value === 'string' ? field.value.trim() : ''
    if (value !== '') values.set(field.name.toLowerCase(), value)
  }
  const email = values.get('email')?.toLowerCase()
  const phone = values.get('phone') ?? values.get('mobilephone')
  const person: PersonRef | undefined = email ? { email } : phone ? { phone } : undefined
  if (!person) return undefined
  const hidden: Record<string, string> = {}
  for (const [name, value] of values) {
    const key = utmField(name)
    if (key) hidden[key] = value
  }
  const pageUrl = typeof raw.pageUrl === 'string' && raw.pageUrl !== '' ? raw.pageUrl : undefined
  return present<Touch>({
    type: 'touch',
    // Never the address itself: an id stays when its person is erased.
    id: `form:${form.id}:${idOf(raw.conversionId) ?? `${at.getTime()}:${contentHash(email ?? phone ?? '')}`}`,
    person,
    occurredAt: at,
    // Submissions never change; this is how far reads have come.
    updatedAt: at,
    kind: 'form',
    ...urlClues(pageUrl),
    ...(hidden as Clues),
    attributes: { form_id: form.id, ...(form.name ? { form: form.name } : {}) },
  })
}
