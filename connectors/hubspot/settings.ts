import { z } from 'zod'
import { PAGE_PEOPLE, RECORD_PEOPLE } from '../../src/model/people.ts'
import { COST_CATEGORIES } from '../../src/model/records.ts'
import { FIELDS } from '../../src/sync/contract.ts'
import { say } from './words.ts'

/** What a connection to HubSpot needs to know. */
export const Settings = z.object({
  token: z
    .string()
    .trim()
    .regex(/^[!-~]+$/, 'no token')
    .optional()
    .register(FIELDS, {
      label: say('Access token', '访问令牌'),
      help: say(
        'In HubSpot: Settings → Integrations → Service keys (or the private app you already have). Needed scopes: crm.objects.contacts.read, crm.objects.companies.read, crm.objects.deals.read, crm.objects.owners.read. Optional: crm.objects.leads.read, marketing.campaigns.read, crm.objects.marketing_events.read, forms, settings.currencies.read. Only to write results back: crm.objects.deals.write, crm.objects.contacts.write, crm.schemas.deals.write, crm.schemas.contacts.write. Only to compare with HubSpot: marketing.campaigns.revenue.read.',
        '在 HubSpot 中：设置 → 集成 → 服务密钥（或您已有的私有应用）。必需权限：crm.objects.contacts.read、crm.objects.companies.read、crm.objects.deals.read、crm.objects.owners.read。可选权限：crm.objects.leads.read、marketing.campaigns.read、crm.objects.marketing_events.read、forms、settings.currencies.read。仅写回结果时需要：crm.objects.deals.write、crm.objects.contacts.write、crm.schemas.deals.write、crm.schemas.contacts.write。仅与 HubSpot 对比时需要：marketing.campaigns.revenue.read。',
      ),
      secret: true,
      example: 'pat-na1-…',
    }),
  email_clicks: z
    .boolean()
    .default(true)
    .register(FIELDS, {
      label: say('E-mail clicks are touches', '邮件点击计为触点'),
      help: say(
        'The first and the latest click in a marketing e-mail. Opens are never counted.',
        '营销邮件中的首次与最近一次点击。打开邮件从不计入。',
      ),
    }),
  offline_sources: z
    .boolean()
    .default(false)
    .register(FIELDS, {
      label: say('Offline sources are touches', '线下来源计为触点'),
      help: say(
        'HubSpot calls imports, integrations and contacts typed in by hand "Offline sources". They are no interaction of the person, so they are left out unless you switch this on. Meetings and conversations always count.',
        'HubSpot 将导入、集成以及手工录入的联系人称为“线下来源”。它们不是客户的互动，除非开启此项，否则不计为触点。会议与会话始终计入。',
      ),
    }),
  contact_lists: z
    .boolean()
    .default(true)
    .register(FIELDS, {
      label: say('Contacts of campaigns are touches', '营销活动的联系人计为触点'),
      help: say(
        'Who came by, or was influenced by, each HubSpot campaign, to the day (to the week where it is over 13 weeks ago). Needs marketing.campaigns.read and dozens of requests per campaign.',
        '每个 HubSpot 营销活动带来或影响的联系人，精确到天（13 周以前精确到周）。需要 marketing.campaigns.read 权限，并且每个活动需数十次请求。',
      ),
    }),
  forms: z
    .boolean()
    .default(true)
    .register(FIELDS, {
      label: say('Read form submissions', '读取表单提交'),
      help: say(
        'Every submission with its page. Needs the scope forms. When off or not allowed, the first and the latest conversion of each contact stand in.',
        '每次提交及其页面。需要 forms 权限。关闭或无权限时，以每位联系人的首次与最近一次转化代替。',
      ),
    }),
  marketing_events: z
    .boolean()
    .default(true)
    .register(FIELDS, {
      label: say('Read marketing events', '读取市场活动（会议）'),
      help: say(
        'Registrations and attendances. Needs the scope crm.objects.marketing_events.read.',
        '报名与到场。需要 crm.objects.marketing_events.read 权限。',
      ),
    }),
  spend_category: z
    .enum(COST_CATEGORIES)
    .default('other')
    .register(FIELDS, {
      label: say('Category of campaign spend', '活动支出的费用类别'),
      help: say(
        'HubSpot spend items have a name but no category. An item named like a category has that one; all others have this one. Choose "ads" only if what you enter in HubSpot is media spend.',
        'HubSpot 的支出项只有名称、没有类别。名称与类别相同的支出项归入该类别，其余归入此类别。仅当您在 HubSpot 中录入的是媒体投放费用时才选择“ads”。',
      ),
    }),
  page_people: z
    .enum(PAGE_PEOPLE)
    .default('users')
    .register(FIELDS, {
      label: say('Who sees the workspace in HubSpot', '谁可在 HubSpot 中查看整个工作区'),
      help: say(
        '"users": on the app page, and in the full panel opened from it, people whose HubSpot e-mail address is the name of a user of this service with access to the workspace. "everyone": everyone who can open the app in this HubSpot account, with the names and amounts of all won deals.',
        '“users”：只有 HubSpot 邮箱与本服务的用户名相同、且可访问该工作区的人，才能打开应用页以及由它打开的完整面板。“everyone”：该 HubSpot 账户中能打开本应用的所有人，可看到全部成交商机的名称和金额。',
      ),
    }),
  record_people: z
    .enum(RECORD_PEOPLE)
    .default('shown')
    .register(FIELDS, {
      label: say('Who sees a record in HubSpot', '谁可在 HubSpot 中查看记录'),
      help: say(
        '"shown": whoever HubSpot shows the card on the record. "owned": of people who are no users of this service, the owner of a deal and his teams; deals without an owner are everyone\'s. A contact or company: whoever may see one of its deals that has an owner, or everyone where none has. Deals of others are then not listed; the sums of the contact or company stay.',
        '“shown”：HubSpot 在记录上向谁显示卡片，谁就能查看。“owned”：不是本服务用户的人，只能查看自己或所在团队负责的商机；没有负责人的商机所有人可见。联系人和客户公司：其中有自己或所在团队负责的商机，或所有商机都没有负责人，方可查看。他人的商机不会列出，但联系人和客户公司的合计数字保留。',
      ),
    }),
  write_back: z
    .boolean()
    .default(false)
    .register(FIELDS, {
      label: say('Write results back to HubSpot', '将结果写回 HubSpot'),
      help: say(
        'Fills custom properties of the group "ROI panel" on deals and contacts: by itself after complete synchronizations while the service runs, and with "roi-panel write-back". Off: nothing is ever written. Needs crm.objects.deals.write and crm.objects.contacts.write, and the first time crm.schemas.deals.write and crm.schemas.contacts.write.',
        '填写商机和联系人上“ROI panel”分组的自定义属性：服务运行期间在完整同步后自动写入，也可运行 “roi-panel write-back”。关闭时不写入任何内容。需要 crm.objects.deals.write、crm.objects.contacts.write，首次还需要 crm.schemas.deals.write、crm.schemas.contacts.write。',
      ),
    }),
})
export type HubspotSettings = z.output<typeof Settings>
