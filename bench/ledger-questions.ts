import { Server } from './ledger-measures';

/** A question that pages and commands ask of the ledger. */
interface Question {
  readonly title: string;
  /** The path below /api/v1/. */
  readonly path: string;
}

/** Returns the questions about the last of the months. The user is the one with the most calls. */
export async function questions(server: Server, months: readonly string[]): Promise<Question[]> {
  const month = periodOf(months.at(-1) ?? '');
  const org = `orgs/${encodeURIComponent(server.orgName)}`;
  const answer = await fetch(`${server.url}/api/v1/me/calls?${month}&limit=1`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  const { calls } = (await answer.json()) as { calls: { id: string; agent_session_id: string }[] };
  const [call] = calls;
  const session = call?.agent_session_id ?? '';
  const year = `from=${months.at(-12) ?? months[0] ?? ''}&${month.split('&')[1] ?? ''}`;
  return Object.entries({
    'a user, a month by day and model': `me/usage?${month}&group_by=day,model`,
    'a user, a month by session': `me/usage?${month}&group_by=session`,
    'the organization, a month by day and model': `${org}/usage?${month}&group_by=day,model`,
    'the organization, a month by day and model, Europe/Berlin': `${org}/usage?${month}&group_by=day,model&time_zone=Europe/Berlin`,
    'the organization, a month by person': `${org}/usage?${month}&group_by=person`,
    'the organization, a month by person and model': `${org}/usage?${month}&group_by=person,model`,
    'the organization, up to a year by day and model': `${org}/usage?${year}&group_by=day,model`,
    'the organization, a month by client (from the calls)': `${org}/usage?${month}&group_by=client`,
    'the organization, a month by day, Asia/Kolkata (from the calls)': `${org}/usage?${month}&group_by=day&time_zone=Asia/Kolkata`,
    "a user's calls, the first page": `me/calls?${month}`,
    "a user's calls of a model": `me/calls?${month}&model=gpt-5`,
    "a user's calls of a session": `me/calls?${month}&session=${session}`,
    "a user's calls of an outcome that there is none of": `me/calls?${month}&outcome=upstream_failed`,
    "the organization's calls, the first page": `${org}/calls?${month}`,
    "the organization's calls that are estimated": `${org}/calls?${month}&usage_state=estimated`,
    "the organization's calls of an outcome that there is none of": `${org}/calls?${month}&outcome=upstream_failed`,
    'a call by its id': `me/calls/${call?.id ?? ''}`,
  }).map(([title, path]) => ({ title, path }));
}

/** Returns the parameters of a month. */
function periodOf(month: string): string {
  const end = new Date(month);
  end.setUTCMonth(end.getUTCMonth() + 1, 0);
  return `from=${month}&to=${end.toISOString().slice(0, 10)}`;
}
