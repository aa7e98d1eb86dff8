import { NEW, type Draft } from './limit-draft';
import type { Limit } from './limit-words';

/** A limit that many organizations want. */
export interface Suggestion {
  readonly title: string;
  readonly text: string;
  readonly draft: Draft;
}

const OTHER_MODELS = ['claude-haiku-*', 'claude-sonnet-*', 'gpt-*', 'gemini-*'].join('\n');

const EACH: Suggestion = {
  title: '25 dollars a month for each',
  text: 'What each member may spend on the organization’s keys.',
  draft: { ...NEW, usd: '25.00' },
};
const TEAM: Suggestion = {
  title: '2,000 for the team',
  text: 'What all may spend together in a month, whoever needs it.',
  draft: { ...NEW, scope: 'organization', usd: '2000.00' },
};
const MODELS: Suggestion = {
  title: 'Nobody on Opus',
  text: 'The models that everyone may use. Whoever needs more gets a list of their own.',
  draft: { ...NEW, kind: 'models', models: OTHER_MODELS },
};
const REVIEWER: Suggestion = {
  title: 'But the reviewers',
  text: 'All models for one member, in place of the list for everyone.',
  draft: { ...NEW, kind: 'models', scope: 'member', models: '*' },
};

/** Returns the suggestions that an organization has not taken. */
export function suggestionsFor(limits: readonly Pick<Limit, 'kind' | 'scope'>[]): Suggestion[] {
  const has = ({ draft: { kind, scope } }: Suggestion): boolean =>
    limits.some((limit) => limit.kind === kind && limit.scope === scope);
  return [EACH, TEAM, has(MODELS) ? REVIEWER : MODELS].filter((suggestion) => !has(suggestion));
}
