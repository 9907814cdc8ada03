/**
 * The XML template for 3CX's server-side CRM (Admin → Integrations → CRM → Server side → Add; PRO license or better):
 * the PBX reports each call to the hub after its end. Only elements and variables that deployed templates use
 * (Mancy/Zammad_3CX zammad.xml, tierklinik-dobersberg/3cx-support contrib/3cx-crm.template.xml):
 * - no call id and no called number exist in ReportCall; `[Number]` is the other party in both directions;
 * - no SkipIf on `[EntityId]`: it would drop every caller that 3CX does not know;
 * - MaxLength stays empty, else `[Number]` arrives cut and without its prefix;
 * - `[CallEstablishedTimeUTC]` is left out: formatting it fails in 3CX for a missed call;
 * - plain times come in the PBX's own culture, so they are formatted as ISO 8601;
 * - recording, transcript and summary are not asked for: the hub has its own.
 */
export function crmTemplate({ hubUrl, country }: { hubUrl: string; country: string }): string {
  const values = VALUES.map(
    ({ key, value, passes }) =>
      `          <Value Key="${key}" Passes="${passes}" Type="String">${escapeXml(value)}</Value>`,
  ).join('\n')
  return `<?xml version="1.0" encoding="utf-8"?>
<Crm xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" Country="${escapeXml(country)}" Name="3CX-Ninja Realtime" Version="1" SupportsEmojis="false">
  <Number Prefix="AsIs" MaxLength="" />
  <Connection MaxConcurrentRequests="2" />
  <Parameters>
    <Parameter Name="HubUrl" Type="String" Parent="General Configuration" Editor="String" Title="Address of the hub:" Default="${escapeXml(hubUrl)}" />
    <Parameter Name="WebhookSecret" Type="String" Parent="General Configuration" Editor="String" Title="Webhook secret (setting threecx.webhookSecret of the hub):" Default="" />
    <Parameter Name="ReportCallEnabled" Type="Boolean" Editor="String" Title="Enable Call Journaling" Default="True" />
  </Parameters>
  <Authentication Type="No" />
  <Scenarios>
    <Scenario Id="ReportCall" Type="REST">
      <Request SkipIf="[ReportCallEnabled]!=True" Url="[HubUrl]/webhook/3cx/call-event" MessagePasses="0" RequestEncoding="Json" RequestType="Post" ResponseType="Json">
        <Headers>
          <Value Key="Authorization" Passes="1" Type="String">Bearer [WebhookSecret]</Value>
        </Headers>
        <PostValues Key="">
${values}
        </PostValues>
      </Request>
      <Variables />
      <Outputs AllowEmpty="true" />
    </Scenario>
  </Scenarios>
</Crm>
`
}

const ISO = 'ToString("yyyy-MM-ddTHH:mm:ssZ")'
/** The names that readCallEvent.ts reads. A value that 3CX cannot work out arrives with its brackets and counts as missing. */
const VALUES = [
  { key: 'callType', value: '[CallType]', passes: 1 },
  { key: 'direction', value: '[CallDirection]', passes: 1 },
  { key: 'number', value: '[Number]', passes: 1 },
  { key: 'name', value: '[Name]', passes: 1 },
  { key: 'agentExt', value: '[Agent]', passes: 1 },
  { key: 'queue', value: '[QueueExtension]', passes: 1 },
  { key: 'duration', value: '[Duration]', passes: 1 },
  { key: 'durationSeconds', value: '[[[DurationTimespan].get_TotalSeconds()].ToString("F0")]', passes: 4 },
  { key: 'startTime', value: `[[CallStartTimeUTC].${ISO}]`, passes: 2 },
  { key: 'endUtc', value: `[[CallEndTimeUTC].${ISO}]`, passes: 2 },
] as const

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
