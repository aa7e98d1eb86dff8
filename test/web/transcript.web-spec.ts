import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser } from 'playwright-core';
import { Person, TestApp } from '../support/app';
import { newMember } from '../support/people';
import { launchBrowser, Visitor } from './support/browser';
import { startWebApp } from './support/web-app';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const TOOLS = ['Edit', 'Bash'].map((name) => ({ name, description: `Does ${name}`, input_schema: {} }));
const ASKED = { role: 'user', content: 'Fix the greeting.' };
const EDIT = {
  type: 'tool_use',
  id: 'toolu_edit',
  name: 'Edit',
  input: {
    file_path: '/src/hello.ts',
    old_string: 'const a = 1;\nhelo();',
    new_string: 'const a = 1;\nhello();',
  },
};
const BASH = { type: 'tool_use', id: 'toolu_bash', name: 'Bash', input: { command: 'npm test' } };
const resultOf = (id: string, content: string, isError = false) => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }],
});

interface Sent {
  readonly session?: string;
  readonly system?: string;
  readonly messages: readonly object[];
  /** What the model answers. */
  readonly answer: readonly object[];
}

describe('what was said in a session', () => {
  let app: TestApp;
  let browser: Browser;
  let visitor: Visitor;
  let person: Person;
  let calls: number;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startWebApp(), launchBrowser()]);
  });
  beforeEach(async () => {
    person = await app.signUp();
    calls = 0;
    visitor = await Visitor.come(browser, app.url);
  });
  afterEach(() => visitor.leave());
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const page = () => visitor.page;
  const reader = () => page().getByRole('dialog', { name: 'Request' });
  const turns = (role: string) =>
    reader()
      .locator('section')
      .filter({ has: page().getByRole('heading', { name: role, exact: true }) });
  const bar = (at: number) => page().locator('.bar').nth(at);
  const keep = (content: boolean) => app.api('PUT', 'me/capture', { token: person.token, body: { content } });
  const api = async <Answer>(path: string) =>
    (await (await app.api('GET', path, { token: person.token })).json()) as Answer;

  /** Makes a call, and waits until it is in the ledger. @returns its body. */
  async function send({ session = 'a-session', system, messages, answer }: Sent): Promise<string> {
    const model = 'claude-opus-4-8';
    app.upstream.answerWith(async (request, response) => {
      await request.toArray();
      const usage = { input_tokens: 7, output_tokens: 3 };
      const message = { id: 'msg', type: 'message', role: 'assistant', model, content: answer, usage };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
    });
    const body = JSON.stringify({
      ...{ model, max_tokens: 100, tools: TOOLS, messages },
      ...(system !== undefined && { system }),
    });
    const response = await fetch(`${app.proxyUrl}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': person.token,
        'content-type': 'application/json',
        'user-agent': 'claude-cli/2.1.330 (external, cli)',
        'x-claude-code-session-id': session,
      },
      body,
    });
    await response.text();
    calls += 1;
    await app.calls(person, calls);
    return body;
  }

  /** Resolves with the id of the latest session, once its last call has the state. */
  async function settled(state: string): Promise<string> {
    const { traces } = await api<{ traces: { id: string }[] }>('me/traces');
    const { id } = traces[0]!;
    const { agents } = await api<{ agents: { calls: { id: string }[] }[] }>(`me/traces/${id}`);
    const call = agents[0]!.calls.at(-1)!.id;
    for (let waited = 0; waited <= 10_000; waited += 50) {
      const said = await api<{ request: { state: string }; response: { state: string } }>(
        `me/traces/${id}/calls/${call}`,
      );
      if (said.request.state === state && said.response.state === state) return id;
      await sleep(50);
    }
    throw new Error(`The call never was ${state}`);
  }

  /** A session that edits a file, runs a command that fails, and gets another system prompt. */
  async function converse(): Promise<string> {
    const first = [ASKED];
    const second = [
      ...first,
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'It is a typo.', signature: 'x' }, EDIT],
      },
      resultOf('toolu_edit', 'The file is edited.'),
    ];
    const third = [
      ...second,
      { role: 'assistant', content: [BASH] },
      resultOf('toolu_bash', '1 failed', true),
    ];
    const said = { system: 'Be terse.' };
    await send({ ...said, messages: first, answer: [...(second[1]!.content as object[])] });
    await send({ ...said, messages: second, answer: [BASH] });
    await send({ system: 'Be kind.', messages: third, answer: [{ type: 'text', text: 'It is fixed.' }] });
    return settled('kept');
  }

  async function come(path: string): Promise<void> {
    await visitor.signInTo(path, person.email, person.password);
  }

  it('is read call by call: what was new in each, edits as differences, results beside their calls', async () => {
    await keep(true);
    await come(`/me/traces/?trace=${await converse()}`);
    await bar(0).click();
    await reader().getByText('Main agent, call 1 of 3').waitFor();
    expect(await turns('User').innerText()).toContain('Fix the greeting.');
    const answer = turns('Answer');
    expect(await answer.innerText()).not.toContain('It is a typo.');
    await answer.getByText('Thinking, 13 characters').click();
    await answer.getByText('It is a typo.').waitFor();
    await answer.getByText('/src/hello.ts').waitFor();
    expect(await answer.getByRole('deletion').allInnerTexts()).toEqual([expect.stringContaining('helo();')]);
    expect(await answer.getByRole('insertion').allInnerTexts()).toEqual([
      expect.stringContaining('hello();'),
    ]);
    await reader().getByText('System prompt, 9 characters').click();
    await reader().getByText('Be terse.').waitFor();
    await reader().getByText('2 tools').click();
    await reader().getByText('Edit', { exact: true }).nth(1).waitFor(); // the answer has one, too, below the list
    await reader().getByText('Edit', { exact: true }).first().click();
    await reader().getByText('Does Edit').waitFor();
    await visitor.isAccessible();
    await visitor.fits();

    await page().keyboard.press('j');
    await reader().getByText('Main agent, call 2 of 3').waitFor();
    await reader().getByText('1 message repeated from the call before').waitFor();
    expect(await turns('Assistant').innerText()).toContain('The file is edited.');
    expect(await turns('User').count()).toBe(0);
    expect(await reader().getByText('System prompt').count()).toBe(0);

    await reader().getByRole('button', { name: 'Next call' }).click();
    await reader()
      .getByText('The cache can’t reach beyond here: the system prompt differs from the call before.')
      .waitFor();
    expect(await turns('Assistant').innerText()).toMatch(/Bash[^]*Error[^]*1 failed/);
    expect(await turns('Answer').innerText()).toContain('It is fixed.');
    await visitor.isAccessible();
    await page().keyboard.press('k');
    await reader().getByText('Main agent, call 2 of 3').waitFor();
    await page().keyboard.press('Escape');
    await reader().waitFor({ state: 'detached' });
  });

  it('is text, whatever it says, and long texts are shown in full on request', async () => {
    const hostile =
      '<img src="/x" onerror="document.title=\'owned\'"><script>document.title="owned"</script> \u202eback\u001b[31m {@html x}';
    const long = `${'long line '.repeat(2_000)}the end`;
    await keep(true);
    await send({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: hostile },
            { type: 'text', text: 'שלום, this is right to left' },
            { type: 'text', text: long },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
            { type: 'image', source: { type: 'base64', media_type: 'image/svg+xml', data: 'PHN2Zz4=' } },
          ],
        },
      ],
      answer: [{ type: 'text', text: hostile }],
    });
    await page().setViewportSize({ width: 320, height: 700 });
    await come(`/me/traces/?trace=${await settled('kept')}`);
    await bar(0).click();
    await turns('Answer').waitFor();
    const user = turns('User');
    expect(await user.innerText()).toContain(
      '<script>document.title="owned"</script> <U+202E>back^[[31m {@html x}',
    );
    expect(await user.innerText()).not.toContain('the end');
    await user.getByRole('button', { name: 'Show all 20,007 characters' }).click();
    await user.getByText(/the end$/).waitFor();
    expect(await user.locator('img').evaluateAll((all) => all.map((one) => one.getAttribute('src')))).toEqual(
      [`data:image/png;base64,${PIXEL}`],
    );
    expect(await reader().locator('script').count()).toBe(0);
    expect(await page().title()).not.toContain('owned');
    await user.getByText('Image, image/svg+xml').waitFor();
    await visitor.fits();
    await visitor.isAccessible();
  });

  it('is searched for words, also where it is folded away, one place after the other', async () => {
    const long = `${'long line '.repeat(2_000)}the greeting at the end`;
    await keep(true);
    await send({
      system: 'Mind the GREETING.',
      messages: [{ role: 'user', content: `Fix the greeting. ${long}` }],
      answer: [
        { type: 'thinking', thinking: 'Which greeting?', signature: 'x' },
        EDIT,
        { type: 'text', text: 'Done: Greeting fixed.' },
      ],
    });
    await come(`/me/traces/?trace=${await settled('kept')}`);
    await bar(0).click();
    const field = reader().getByRole('searchbox', { name: 'Find in this call' });
    const says = (words: string) => reader().getByText(words, { exact: true }).waitFor();
    /** The text in which the place is that is shown, and whether one sees it. */
    const shown = () =>
      page().evaluate<[string, boolean]>(
        `(() => {
          const [range] = CSS.highlights.get('found-shown');
          const { top, bottom } = range.getBoundingClientRect();
          return [range.startContainer.data.slice(range.startOffset - 4, range.endOffset), top > 0 && bottom < innerHeight];
        })()`,
      );
    await turns('Answer').waitFor();
    await page().keyboard.press('/');
    await page().keyboard.type('greeting');
    await says('1 of 5');
    expect(await shown()).toEqual(['the GREETING', true]);
    await visitor.isAccessible();
    await field.press('Enter');
    await says('2 of 5');
    expect(await shown()).toEqual(['the greeting', true]);
    await reader().getByRole('button', { name: 'Next place' }).click();
    await says('3 of 5');
    expect(await shown()).toEqual(['the greeting', true]);
    await field.press('Shift+Enter');
    await field.press('Shift+Enter');
    await field.press('Shift+Enter');
    await says('5 of 5');
    expect(await shown()).toEqual(['ne: Greeting', true]);
    await field.fill('hello();');
    await says('1 of 1');
    await field.fill('nothing of the kind');
    await says('Not found');
    await field.press('Escape');
    expect(await field.inputValue()).toBe('');
    expect(await page().evaluate('CSS.highlights.size')).toBe(0);
    await page().setViewportSize({ width: 320, height: 700 });
    await field.fill('greeting');
    await says('1 of 5');
    await visitor.fits();
    await visitor.isAccessible();
    await field.press('Escape');
    await field.press('Escape');
    await reader().waitFor({ state: 'detached' });
  });

  it('is saved byte for byte, with its digest', async () => {
    await keep(true);
    const body = await send({ messages: [ASKED], answer: [{ type: 'text', text: 'Done.' }] });
    await come(`/me/traces/?trace=${await settled('kept')}`);
    await bar(0).click();
    await reader().getByText(createHash('sha256').update(body).digest('hex')).waitFor();
    const [file] = await Promise.all([
      page().waitForEvent('download'),
      reader().getByRole('button', { name: 'Download the request' }).click(),
    ]);
    expect((await readFile(await file.path())).toString()).toBe(body);
  });

  it('is what the session is found by in the list, and is taken along as a file', async () => {
    await keep(true);
    const id = await converse();
    await come('/me/traces/');
    await page().getByRole('columnheader', { name: 'Said first' }).waitFor();
    await page().getByText('Fix the greeting.').waitFor();
    await page().getByRole('searchbox', { name: 'Search sessions' }).fill('GREETING');
    await page().getByText('1 session', { exact: true }).waitFor();
    await page().setViewportSize({ width: 320, height: 700 });
    await visitor.fits();
    await visitor.isAccessible();
    await page().setViewportSize({ width: 1100, height: 900 });
    await page().goto(`${app.url}/me/traces/?trace=${id}`);
    await page().getByRole('heading', { name: 'Fix the greeting.' }).waitFor();
    expect(await page().title()).toBe('Trace · TraceVault');
    await page().getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([
      page().waitForEvent('download'),
      page().getByRole('menuitem', { name: 'A line for each call (JSON Lines)' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`trace-${id}.jsonl`);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { usage_state: string }).usage_state)).toEqual(
      Array(3).fill('measured'),
    );
  });

  it('is deleted for good once that is confirmed, and the numbers stay', async () => {
    await keep(true);
    await come(`/me/traces/?trace=${await converse()}`);
    await page().getByRole('button', { name: 'Delete content' }).click();
    const question = page().getByRole('dialog', { name: 'Delete the content of this session' });
    await question.waitFor();
    await visitor.isAccessible();
    await page().keyboard.press('j'); // is no way to a call meanwhile
    await question.getByRole('button', { name: 'Delete for good' }).click();
    await page().getByText('What was kept of this session is deleted.').waitFor();
    expect(await page().getByRole('button', { name: 'Delete content' }).count()).toBe(0);
    await bar(0).click();
    await reader().getByText('Nothing of this call is left').waitFor();
    await reader().getByRole('heading', { name: 'Ids' }).waitFor();
    await visitor.isAccessible();
    await page().goto('/me/account/');
    await page().getByText('Deleted what was kept of a session').waitFor();
  });

  it('is read by an auditor of its organization for a reason, and its person sees that', async () => {
    const reason = 'Incident 4711: which files went out?';
    await keep(true);
    const path = `/orgs/${person.org}/traces/?trace=${await converse()}`;
    const auditor = await newMember(app, person.org, 'auditor');
    await visitor.signInTo(path, auditor.email, auditor.password);
    await page().getByRole('heading', { name: 'Trace', exact: true }).waitFor();
    const [field, give] = [
      page().getByLabel('Why do you read it?'),
      page().getByRole('button', { name: 'Read what was said' }),
    ];
    await field.waitFor();
    await visitor.isAccessible();
    await bar(0).click();
    await reader().getByRole('heading', { name: 'Ids' }).waitFor();
    expect(await turns('User').count()).toBe(0);
    await page().keyboard.press('Escape');
    await reader().waitFor({ state: 'detached' });
    await field.fill('  short ');
    await give.click();
    await visitor.isRefusedAt('Why do you read it?', 'Give a reason of 10 to 500 characters.');
    await field.fill(reason);
    await give.click();
    await page().getByText(`Each that you open or save is recorded with your reason: “${reason}”.`).waitFor();
    await visitor.isAccessible();
    await visitor.fits();
    expect(await page().getByRole('button', { name: 'Delete content' }).count()).toBe(0);
    await bar(0).click();
    expect(await turns('User').innerText()).toContain('Fix the greeting.');
    await visitor.isAccessible();
    const [body] = await Promise.all([
      page().waitForEvent('download'),
      reader().getByRole('button', { name: 'Download the request' }).click(),
    ]);
    expect(await readFile(await body.path(), 'utf8')).toContain('Fix the greeting.');
    await page().keyboard.press('Escape');
    await reader().waitFor({ state: 'detached' });
    await page().getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([
      page().waitForEvent('download'),
      page().getByRole('menuitem', { name: 'A line for each call (JSON Lines)' }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toContain('Fix the greeting.');

    const theirs = await Visitor.come(browser, app.url);
    try {
      await theirs.signInTo('/me/account/', person.email, person.password);
      const words = `What was kept of a session of this account was read: “${reason}”, by ${auditor.email}`;
      await theirs.page.getByText(words).first().waitFor();
      await theirs.page.getByText('has an auditor, who can read what is kept of its calls.').waitFor();
      await theirs.isAccessible();
    } finally {
      await theirs.leave();
    }
  });

  it('is kept from the moment on that one turns it on, and not before', async () => {
    await send({ messages: [ASKED], answer: [{ type: 'text', text: 'Done.' }] });
    await come(`/me/traces/?trace=${await settled('not_kept')}`);
    await bar(0).click();
    await reader().getByText('Nothing of this call is kept.').waitFor();
    await reader().getByRole('link', { name: 'turn it on in your account' }).click();
    const choice = page().getByLabel('Keep what my agents say');
    expect(await choice.isChecked()).toBe(false);
    await visitor.isAccessible();
    await choice.click();
    await page().getByText('What your agents say is kept from their next request on.').waitFor();
    expect(await choice.isChecked()).toBe(true);
    await page().getByText('Turned on that what the agents say is kept').waitFor();
    await send({ messages: [ASKED], answer: [{ type: 'text', text: 'Done again.' }] });
    await page().goto(`/me/traces/?trace=${await settled('kept')}`);
    await bar(1).click();
    await reader().getByText('Done again.').waitFor();
    await page().goto('/me/account/');
    await choice.click();
    await page().getByText('Nothing more is kept.').waitFor();
    expect(await choice.isChecked()).toBe(false);
    expect(await api('me/capture')).toMatchObject({ content: false });
  });

  it('is kept without its secrets unless one wants them in it, and one is told of those that went out', async () => {
    const secret = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(2).slice(0, 36)}`;
    await keep(true);
    await send({
      messages: [{ role: 'user', content: `Push with ${secret}, please.` }],
      answer: [{ type: 'text', text: 'Done.' }],
    });
    await come(`/me/traces/?trace=${await settled('kept')}`);
    await bar(0).click();
    await reader().getByText('Push with [redacted:github_token], please.').first().waitFor();
    await reader().getByText('Secrets were taken out before it was kept').first().waitFor();
    expect(await page().getByText(secret.slice(0, 12)).count()).toBe(0);
    await visitor.isAccessible();

    await page().goto('/me/account/');
    await page().getByText('A GitHub token went to the model').waitFor();
    const choice = page().getByLabel('Take secrets out of what is kept');
    expect(await choice.isChecked()).toBe(true);
    await choice.click();
    await page()
      .getByText('What is kept has its secrets in it, from your agents’ next request on.')
      .waitFor();
    expect(await choice.isChecked()).toBe(false);
    await page().getByText('Turned off that secrets are taken out of what is kept').waitFor();
    await visitor.isAccessible();
    expect(await api('me/capture')).toEqual({ content: true, redact: false });
    await choice.click();
    await page()
      .getByText('Secrets are taken out of what is kept, from your agents’ next request on.')
      .waitFor();
    expect(await api('me/capture')).toEqual({ content: true, redact: true });
  });

  it('is kept, or is not, as an organization says', async () => {
    await come(`/orgs/${person.org}/settings/`);
    const card = page().getByRole('region', { name: 'What members’ agents say' });
    const choose = async (label: string) => {
      await card.getByLabel(label, { exact: true }).check();
      await card.getByRole('button', { name: 'Save' }).click();
      await card.getByText('Saved, and in force from the next request on.').waitFor();
    };
    await choose('Always');
    const title = person.org.replace('-', ' ');
    await page().getByText(`${title} keeps what your agents say in its calls.`).waitFor();
    await visitor.isAccessible();
    await page().goto('/me/account/');
    await page().getByText(`${title} has all of its calls kept, whatever you choose here.`).waitFor();
    await send({ messages: [ASKED], answer: [{ type: 'text', text: 'Done.' }] });
    await settled('kept');
    await page().goto(`/orgs/${person.org}/settings/`);
    await choose('Never');
    expect(await page().getByText('keeps what your agents say').count()).toBe(0);
    await keep(true);
    await send({ messages: [ASKED], answer: [{ type: 'text', text: 'Done.' }] });
    await settled('not_kept');
  });
});
