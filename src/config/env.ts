import { Config } from './config';
import { namesWithUnseenCharacters, unknownNames } from './env-names';
import { StartError } from './start-error';
import { toConfig } from './to-config';
import { Environment, Variable, VARIABLES } from './variables';

const TABLE = Object.entries<Variable<unknown>>(VARIABLES);

/** All errors in the environment, by variable name. It holds no values, because they can be secrets. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a fault' : `${problems.length} faults`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

/**
 * Reads the variables once, at the start. An empty variable counts as unset, because compose files write unset ones so.
 * @throws ConfigError with all errors together.
 */
export function loadConfig(variables: NodeJS.ProcessEnv): Config {
  const texts = new Map(
    Object.entries(variables).flatMap(([name, value = '']) =>
      value.trim() === '' ? [] : [[name, value.trim()] as const],
    ),
  );
  const env = valuesOf(texts);
  const problems = [
    ...namesWithUnseenCharacters([...texts.keys()]),
    ...unknownNames([...texts.keys()]),
    ...problemsOf(texts),
    ...missingKey(env),
    ...metricsOnPublicPort(env),
    ...workersWithoutPostgres(env),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(env);
}

function problemsOf(texts: ReadonlyMap<string, string>): string[] {
  return TABLE.flatMap(([name, { rule }]) => {
    const text = texts.get(name);
    const problem = text === undefined ? undefined : rule.problemOf(text, name);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
}

function valuesOf(texts: ReadonlyMap<string, string>): Environment {
  return Object.fromEntries(
    TABLE.map(([name, { rule, value }]) => {
      const text = texts.get(name);
      return [name, text === undefined ? value : rule.read(text)];
    }),
  ) as Environment;
}

function missingKey({ DATABASE_URL, TRACEVAULT_ENCRYPTION_KEY }: Environment): string[] {
  if (DATABASE_URL === undefined || TRACEVAULT_ENCRYPTION_KEY !== undefined) return [];
  return [
    'TRACEVAULT_ENCRYPTION_KEY is required when DATABASE_URL is set; make one with `openssl rand -base64 32` and keep it safe',
  ];
}

/** Metrics need no token, so they must not share a port with public endpoints. */
function metricsOnPublicPort({ PORT, TRACEVAULT_METRICS_PORT }: Environment): string[] {
  return PORT === TRACEVAULT_METRICS_PORT
    ? ['TRACEVAULT_METRICS_PORT must be another port than PORT: metrics need no token']
    : [];
}

function workersWithoutPostgres({ DATABASE_URL, TRACEVAULT_WORKERS }: Environment): string[] {
  return DATABASE_URL === undefined && TRACEVAULT_WORKERS > 1
    ? [
        'TRACEVAULT_WORKERS above 1 needs PostgreSQL (set DATABASE_URL): the embedded database belongs to one process',
      ]
    : [];
}
