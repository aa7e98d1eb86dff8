import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestApp } from './support/app';
import { Scrape } from './support/metrics';
import { freePort } from './support/process';

const FOLDER = join(__dirname, '../deploy/monitoring');
/** Prometheus makes it itself, for each server that it scrapes. */
const OF_PROMETHEUS = 'up';
/** Added by Prometheus to every series. */
const TARGET_LABELS = ['job', 'instance'];

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** The expressions of alerts.yml: on the line of `expr:`, or the deeper lines below it. */
function alertExpressions(): string[] {
  const lines = readFileSync(join(FOLDER, 'alerts.yml'), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const [, indent, text] = /^( *)expr: (.*)$/.exec(line) ?? [];
    if (indent === undefined || text === undefined) return [];
    if (text !== '|') return [text];
    const below = lines.slice(index + 1);
    const end = below.findIndex((next) => next.search(/\S/) <= indent.length);
    return [below.slice(0, end).join('\n')];
  });
}

function dashboardTargets(): { expr: string; legendFormat: string }[] {
  const { panels } = JSON.parse(readFileSync(join(FOLDER, 'grafana-dashboard.json'), 'utf8')) as {
    panels: Panel[];
  };
  return panels.flatMap(({ targets = [] }) => targets);
}

/** The metrics that an expression names, each with the labels that it picks by. */
function selectorsOf(expr: string): { name: string; labels: string[] }[] {
  const bare = expr.replace(/\b(by|without|on|ignoring) ?\([^)]*\)|\[[^\]]*\]/g, ''); // grouping, and ranges
  return [...bare.matchAll(/\b([a-z_]\w*)\b(?!\s*\()(?:\{([^}]*)\})?/g)]
    .filter(([, name]) => !['and', 'or', 'unless', 'offset'].includes(name!))
    .map(([, name, picked = '']) => ({
      name: name!,
      labels: [...picked.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label!),
    }));
}

function groupingsOf(expr: string): string[] {
  return [...expr.matchAll(/\bby ?\(([^)]*)\)/g)].flatMap(([, labels]) =>
    labels!.split(',').map((l) => l.trim()),
  );
}

describe('deploy/monitoring asks for what the server really says', () => {
  let labelsOf: Map<string, Set<string>>;

  beforeAll(async () => {
    const port = await freePort();
    const app = await TestApp.start({ env: { TRACEVAULT_METRICS_PORT: String(port) } });
    const person = await app.signUp();
    const headers = { 'x-api-key': person.token };
    for (const model of ['claude-opus-4-8', 'without-a-price']) {
      const answer = { id: 'msg_1', type: 'message', model, usage: { input_tokens: 5, output_tokens: 1 } };
      app.upstream.answerWith((request, response) => {
        request.resume();
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
      await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body: '{}' })).text();
    }
    await app.calls(person, 2);
    const blocked = {
      kind: 'spend',
      scope: 'everyone',
      period: 'day',
      amount_usd: '0',
      count_personal_keys: true,
    };
    await app.api('POST', `orgs/${person.org}/limits`, { token: person.token, body: blocked });
    await (await fetch(`${app.proxyUrl}/v1/messages`, { method: 'POST', headers, body: '{}' })).text();
    let scrape = await Scrape.from(port);
    while (scrape.sum('tracevault_ledger_waiting_calls') > 0) scrape = await Scrape.from(port);
    ({ labelsOf } = scrape);
    await app.close();
  });

  const expressions = (): string[] => [...alertExpressions(), ...dashboardTargets().map(({ expr }) => expr)];

  it('has twelve alerts and a dashboard', () => {
    expect(alertExpressions()).toHaveLength(12);
    expect(dashboardTargets().length).toBeGreaterThan(20);
  });

  it('names no metric that is not there', () => {
    for (const expr of expressions()) {
      const names = selectorsOf(expr).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names)
        expect([expr, name, name === OF_PROMETHEUS || labelsOf.has(name)]).toEqual([expr, name, true]);
    }
  });

  it('picks and groups by labels that these metrics have', () => {
    for (const expr of expressions()) {
      const selectors = selectorsOf(expr);
      for (const { name, labels } of selectors)
        for (const label of labels)
          expect([expr, label, TARGET_LABELS.includes(label) || labelsOf.get(name)?.has(label)]).toEqual([
            expr,
            label,
            true,
          ]);
      for (const label of groupingsOf(expr)) {
        const known =
          TARGET_LABELS.includes(label) || selectors.every(({ name }) => labelsOf.get(name)?.has(label));
        expect([expr, label, known]).toEqual([expr, label, true]);
      }
    }
  });

  it('names series in the legends by labels that the expressions leave', () => {
    for (const { expr, legendFormat } of dashboardTargets())
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect([legendFormat, groupingsOf(expr).includes(label!)]).toEqual([legendFormat, true]);
  });
});
