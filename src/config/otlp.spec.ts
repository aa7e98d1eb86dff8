import { inspect } from 'node:util';
import { problemsIn } from '../../test/support/config-problems';
import { Config } from './config';
import { loadConfig } from './env';

const ENDPOINT = { TRACEVAULT_OTLP_ENDPOINT: 'http://collector:4318' };

function otlpOf(variables: NodeJS.ProcessEnv): NonNullable<Config['otlp']> {
  const { otlp } = loadConfig(variables);
  if (otlp === undefined) throw new Error('No spans would be sent');
  return otlp;
}

const problemsOf = (variables: NodeJS.ProcessEnv) => problemsIn(() => loadConfig(variables));

const headersOf = (variables: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(otlpOf(variables).headers).map(([name, value]) => [
      name,
      value.export().toString('latin1'),
    ]),
  );

describe('the configuration of the OpenTelemetry export', () => {
  it('sends spans by one variable, as the specification has it', () => {
    expect(otlpOf(ENDPOINT)).toEqual({
      url: 'http://collector:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      isCompressed: false,
      resource: {},
      maxSpans: 2_048,
      batchSize: 512,
      flushMs: 5_000,
      retryMs: expect.arrayContaining([1_000, 30_000]),
    });
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }, 'http://c/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:1/otlp/' }, 'https://c:1/otlp/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/ingest?team=a' }, 'https://c/ingest?team=a'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' },
      'http://t/x',
    ],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' }, 'http://collector:4318/v1/traces'],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }, 'http://collector:4318/v1/traces'],
    [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }, 'http://collector:4318/v1/traces'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_EXPORTER: 'console, otlp' },
      'http://c/v1/traces',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'false' }, 'http://c/v1/traces'],
  ])('finds the endpoint of %j: %s', (variables, url) => {
    expect(otlpOf(variables).url).toBe(url);
  });

  it.each<[NodeJS.ProcessEnv]>([
    [{}],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', OTEL_SERVICE_NAME: 'x' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_EXPORTER: 'none' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'TRUE' }],
    // What is set for other programs is looked at only when spans are sent.
    [
      {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_HEADERS: 'x',
        OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
      },
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_TRACES_EXPORTER: 'zipkin' }],
  ])('sends nothing with %j', (variables) => {
    expect(loadConfig(variables).otlp).toBeUndefined();
  });

  it.each<[string, string, Record<string, string>]>([
    ['api-key=abc', '', { 'api-key': 'abc' }],
    ['Authorization=Basic%20YTpi, X-Team = a ,,', '', { authorization: 'Basic YTpi', 'x-team': 'a' }],
    ['Authorization=Bearer a==', '', { authorization: 'Bearer a==' }],
    ['a=1%2C2', '', { a: '1,2' }],
    ['a=1,b=2', 'c=3', { c: '3' }],
  ])('reads the headers %s and those for traces %s', (all, traces, headers) => {
    const variables = { OTEL_EXPORTER_OTLP_HEADERS: all, OTEL_EXPORTER_OTLP_TRACES_HEADERS: traces };
    expect(headersOf({ ...ENDPOINT, ...variables })).toEqual(headers);
  });

  it('takes time limit, compression and protocol for all signals, or for traces alone', () => {
    const all = {
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    };
    expect(otlpOf({ ...ENDPOINT, ...all })).toMatchObject({ timeoutMs: 2_000, isCompressed: true });
    const traces = {
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '3000',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    };
    const others = { OTEL_EXPORTER_OTLP_TIMEOUT: 'x', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(otlpOf({ ...ENDPOINT, ...all, ...others, ...traces })).toMatchObject({
      timeoutMs: 3_000,
      isCompressed: false,
    });
  });

  it('says of the server what the operator says; its name has a variable of its own', () => {
    const OTEL_RESOURCE_ATTRIBUTES = 'service.name=a,deployment.environment.name=pr%2Fod,team=';
    expect(otlpOf({ ...ENDPOINT, OTEL_RESOURCE_ATTRIBUTES }).resource).toEqual({
      'service.name': 'a',
      'deployment.environment.name': 'pr/od',
      team: '',
    });
    const named = { ...ENDPOINT, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: 'b' };
    expect(otlpOf(named).resource['service.name']).toBe('b');
  });

  it.each([
    ['TRACEVAULT_OTLP_ENDPOINT', 'collector:4318', 'begins with http:// or https://'],
    ['TRACEVAULT_OTLP_ENDPOINT', 'http://u:CANARY@collector', 'without user name'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317', 'begins with http:// or https://'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://c/?key=CANARY', 'without user name, query'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://c', 'begins with http:// or https://'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'CANARY', 'must be name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', '=CANARY', 'must be name=value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=CANARY%zz', 'percent-encoded'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=CANARY', 'that an HTTP header can have'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'a=CANARY%0Ab', 'that an HTTP header can have'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'milliseconds from 1 to 600000'],
    ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'zstd', 'must be one of gzip, none'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'CANARY', 'must be name=value'],
  ])('refuses %s=%s by name', (name, value, message) => {
    const isEndpoint = name.endsWith('ENDPOINT');
    const problems = problemsOf({ ...(!isEndpoint && ENDPOINT), [name]: value });
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
    expect(problems[0]).not.toContain('CANARY');
  });

  it('lists all faults together, and shows no header when it is printed', () => {
    const faults = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_HEADERS: 'x', PORT: 'x' };
    expect(problemsOf({ ...ENDPOINT, ...faults })).toHaveLength(3);
    const config = loadConfig({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'api-key=CANARY' });
    for (const text of [inspect(config, { depth: 9 }), JSON.stringify(config)])
      expect(text).not.toContain('CANARY');
  });
});
