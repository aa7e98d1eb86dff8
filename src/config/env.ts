import { Config } from './config';
import { namesWithUnseenCharacters, unknownNames } from './env-names';
import { withoutUnusedOtlp } from './otlp';
import { readPricesFile } from './prices-file';
import { readProvidersFile } from './providers-file';
import { StartError } from './start-error';
import { ConfigFiles, toConfig } from './to-config';
import { missingForBucket, withoutUnusedAws } from './trace-store';
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
 * @param accepted what the operator's files held when they were last free of errors; they are read when it is omitted.
 * @throws ConfigError with all errors together.
 */
export function loadConfig(variables: NodeJS.ProcessEnv, accepted?: ConfigFiles): Config {
  const set = new Map(
    Object.entries(variables).flatMap(([name, value = '']) =>
      value.trim() === '' ? [] : [[name, value.trim()] as const],
    ),
  );
  const texts = withoutUnusedAws(withoutUnusedOtlp(set));
  const env = valuesOf(texts);
  const { files, problems: faultsOfFiles } =
    accepted === undefined ? readFiles(env) : { files: accepted, problems: [] };
  const problems = [
    ...namesWithUnseenCharacters([...texts.keys()]),
    ...unknownNames([...texts.keys()]),
    ...problemsOf(texts),
    ...faultsOfFiles,
    ...missingKey(env),
    ...missingWebhookSecret(env),
    ...missingForBucket(env),
    ...metricsOnPublicPort(env),
    ...workersWithoutPostgres(env),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(env, files);
}

function readFiles({ TRACEVAULT_PROVIDERS, TRACEVAULT_PRICES }: Environment): {
  files: ConfigFiles;
  problems: readonly string[];
} {
  const { providers, problems: faultsOfProviders } = readProvidersFile(TRACEVAULT_PROVIDERS);
  const { overrides, problems: faultsOfPrices } = readPricesFile(TRACEVAULT_PRICES, providers);
  return { files: { providers, overrides }, problems: [...faultsOfProviders, ...faultsOfPrices] };
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

function missingWebhookSecret({
  TRACEVAULT_ALERT_WEBHOOK: webhook,
  TRACEVAULT_ALERT_WEBHOOK_SECRET: secret,
}: Environment): string[] {
  if (webhook === undefined || secret !== undefined) return [];
  return [
    'TRACEVAULT_ALERT_WEBHOOK_SECRET is required when TRACEVAULT_ALERT_WEBHOOK is set; make one with `echo "whsec_$(openssl rand -base64 32)"`',
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
