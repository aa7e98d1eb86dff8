import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { problemsIn } from '../../test/support/config-problems';
import { loadConfig } from './env';

const KEY = randomBytes(32).toString('base64');

const problemsOf = (variables: NodeJS.ProcessEnv) => problemsIn(() => loadConfig(variables));

describe('loadConfig', () => {
  it('needs nothing', () => {
    expect(loadConfig({})).toEqual({
      http: {
        host: '127.0.0.1',
        port: 3000,
        trustProxy: false,
        publicUrl: 'http://127.0.0.1:3000',
        ownHosts: ['127.0.0.1'],
      },
      logLevel: 'info',
      registration: 'open',
      auditRetentionDays: 365,
      metrics: undefined,
      webSockets: false,
      limitsWhenUnsure: 'admit',
      alertWebhook: undefined,
      otlp: undefined,
      workers: 1,
      database: { kind: 'embedded', dataDir: `${process.cwd()}/data` },
      encryption: { currentKey: undefined, previousKeys: [] },
      traces: {
        retentionDays: 30,
        directory: `${process.cwd()}/data/traces`,
        bucket: undefined,
        maxWaitingBytes: 256 * 1024 * 1024,
        spool: { directory: `${process.cwd()}/data/spool`, maxBytes: 256 * 1024 * 1024 },
      },
      ledgerRetentionDays: undefined,
      ledgerFlushMs: 500,
      sealMs: 60_000,
      spool: { directory: `${process.cwd()}/data/spool`, maxBytes: 256 * 1024 * 1024 },
      providers: [],
      prices: { file: undefined, overrides: { multipliers: {}, rows: [] } },
      upstream: { baseUrls: {}, connectTimeoutMs: 10_000, outboundProxy: undefined },
      drainSeconds: 120,
      keepAliveSeconds: 75,
      maxOpenRequests: { perUser: 256, inAll: undefined },
      maxConnections: 10_000,
      bodyMs: 10_000,
      keyCheckMs: 5_000,
      keyUseExactToMs: 60_000,
      rateLimits: true,
      documentAtStart: true,
    });
  });

  it('takes every variable', () => {
    const config = loadConfig({
      HOST: '::',
      PORT: '8080',
      TRUST_PROXY: '10.0.0.0/8, loopback',
      LOG_LEVEL: 'debug',
      DATABASE_URL: 'postgres://u:p@db:5432/tv?sslmode=require',
      TRACEVAULT_ENCRYPTION_KEY: KEY,
      TRACEVAULT_ENCRYPTION_KEY_PREVIOUS: `${KEY}, ${KEY}`,
      TRACEVAULT_PUBLIC_URL: 'https://vault.example.com/',
      TRACEVAULT_ALLOWED_HOSTS: 'Vault., *.Internal.example,vault.example.com',
      TRACEVAULT_ANTHROPIC_UPSTREAM: 'https://gateway.example.com/anthropic/',
      TRACEVAULT_OUTBOUND_PROXY: 'http://user:pass@proxy:3128',
      TRACEVAULT_DRAIN_SECONDS: '0',
      TRACEVAULT_METRICS_PORT: '9464',
      TRACEVAULT_METRICS_HOST: '::',
      TRACEVAULT_WORKERS: '4',
      TRACEVAULT_ALERT_WEBHOOK: 'https://hooks.example.com/T1/B2?sig=x',
      TRACEVAULT_ALERT_WEBHOOK_SECRET: `whsec_${KEY}`,
      PATH: '/bin',
    });
    expect(config.http).toEqual({
      host: '::',
      port: 8080,
      trustProxy: ['10.0.0.0/8', 'loopback'],
      publicUrl: 'https://vault.example.com',
      ownHosts: ['vault.example.com', 'vault', '*.internal.example'],
    });
    expect(config.database).toEqual({ kind: 'postgres', url: 'postgres://u:p@db:5432/tv?sslmode=require' });
    expect(config.encryption.currentKey?.export().toString('base64')).toBe(KEY);
    expect(config.encryption.previousKeys).toHaveLength(2);
    expect(config.upstream.baseUrls).toEqual({ anthropic: 'https://gateway.example.com/anthropic' });
    expect(config.drainSeconds).toBe(0);
    expect(config.metrics).toEqual({ host: '::', port: 9464 });
    expect(config.workers).toBe(4);
    expect(config.alertWebhook?.url).toBe('https://hooks.example.com/T1/B2?sig=x');
    expect(config.alertWebhook?.secret.export().toString('base64')).toBe(KEY);
  });

  it('is frozen through and through, and shows no master key when printed', () => {
    const config = loadConfig({ TRACEVAULT_ENCRYPTION_KEY: KEY });
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config, { drainSeconds: 1 })).toThrow(TypeError);
    const bytes = Buffer.from(KEY, 'base64');
    for (const text of [inspect(config, { depth: 9 }), JSON.stringify(config)]) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain(bytes.toString('hex'));
      expect(text).not.toContain([...bytes.subarray(0, 8)].join(','));
    }
  });

  it.each([
    ['\uFEFFDATABASE_URL', 'DATABASE_URL', 'U+FEFF'],
    ['PORT\u00A0', 'PORT', 'U+00A0'],
    ['TRACEVAULT_\u200BWORKERS', 'TRACEVAULT_WORKERS', 'U+200B'],
    ['\u2060HOST\u200D', 'HOST', 'U+2060, U+200D'],
    ['LOG_LEVEL\r', 'LOG_LEVEL', 'U+000D'],
  ])('takes %j for a fault, and names what nobody can see', (name, meant, characters) => {
    expect(problemsOf({ [name]: 'CANARY' })).toEqual([
      `${meant} is set under a name with characters that can't be seen (${characters}), and so is not set; write the name again, and save the file as UTF-8 without a byte order mark`,
    ]);
  });

  it('leaves names with such characters alone that are not its own', () => {
    expect(problemsOf({ '\uFEFFEDITOR': 'vi' })).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['HOST', 'two words', 'must be a host name or an IP address'],
    ['HOST', '999.1.1.1', 'must be a host name or an IP address'],
    ['HOST', '1.2.3', 'must be a host name or an IP address'],
    ['HOST', '::zz', 'must be a host name or an IP address'],
    ['HOST', 'x86_64-apple-darwin13.4.0', 'as conda exports it; unset HOST or set it to 127.0.0.1'],
    ['HOST', 'x86_64-conda-linux-gnu', "looks like a compiler's target triple"],
    ['HOST', 'aarch64-conda_cos7-linux-gnu', "looks like a compiler's target triple"],
    ['PORT', '0', 'from 1 to 65535'],
    ['PORT', '65536', 'from 1 to 65535'],
    ['PORT', '0x50', 'from 1 to 65535'],
    ['PORT', '80.5', 'from 1 to 65535'],
    ['PORT', '-1', 'from 1 to 65535'],
    ['TRUST_PROXY', 'everyone', 'must be false, true'],
    ['TRUST_PROXY', '10.0.0.0/33', 'must be false, true'],
    ['TRUST_PROXY', '10.0.0.1,', 'must be false, true'],
    ['LOG_LEVEL', 'loud', 'must be one of fatal, error'],
    ['DATABASE_URL', 'mysql://u:SECRET@db/x', 'must be a URL that begins with postgres://'],
    ['DATABASE_URL', 'SECRET', 'must be a URL'],
    ['DATABASE_URL', 'postgres://u:SECRET%zz@db/x', 'percent-encoded'],
    ['TRACEVAULT_OUTBOUND_PROXY', 'http://u:SECRET%zz@proxy', 'must be a URL'],
    ['TRACEVAULT_ENCRYPTION_KEY', 'SECRET', 'must be standard base64 of exactly 32 bytes'],
    ['TRACEVAULT_ENCRYPTION_KEY', randomBytes(31).toString('base64'), 'exactly 32 bytes'],
    ['TRACEVAULT_ENCRYPTION_KEY', randomBytes(33).toString('base64'), 'exactly 32 bytes'],
    ['TRACEVAULT_ENCRYPTION_KEY', randomBytes(32).toString('hex'), 'exactly 32 bytes'],
    ['TRACEVAULT_ENCRYPTION_KEY', Buffer.alloc(32, 0xff).toString('base64url'), 'standard base64'],
    ['TRACEVAULT_ENCRYPTION_KEY', `${KEY.slice(0, 20)} ${KEY.slice(20)}`, 'standard base64'],
    ['TRACEVAULT_ENCRYPTION_KEY_PREVIOUS', `${KEY},SECRET`, 'comma-separated list of keys'],
    ['TRACEVAULT_ENCRYPTION_KEY_PREVIOUS', `${KEY},`, 'comma-separated list of keys'],
    ...[
      '*',
      'https://vault',
      'vault:3000',
      'vault,',
      'a b',
      '*.*.example',
      'x*.example',
      '[::1]',
      '.',
      'v/x',
    ].map((value): [string, string, string] => [
      'TRACEVAULT_ALLOWED_HOSTS',
      value,
      'comma-separated list of host names without scheme and port',
    ]),
    ['TRACEVAULT_PUBLIC_URL', 'vault.example.com', 'begins with http:// or https://'],
    ['TRACEVAULT_PUBLIC_URL', 'https://u:SECRET@vault.example.com', 'without user name'],
    ['TRACEVAULT_PUBLIC_URL', 'https://vault.example.com/?a=1', 'query'],
    ['TRACEVAULT_PUBLIC_URL', 'https://example.com/vault', 'path'],
    ['TRACEVAULT_ANTHROPIC_UPSTREAM', 'ftp://x', 'begins with http:// or https://'],
    ['TRACEVAULT_ANTHROPIC_UPSTREAM', 'https://x/#', 'fragment'],
    ['TRACEVAULT_ALERT_WEBHOOK', 'mailto:SECRET', 'begins with http:// or https://'],
    ['TRACEVAULT_ALERT_WEBHOOK_SECRET', KEY, 'must be whsec_ and standard base64 of 24 to 64 bytes'],
    ['TRACEVAULT_ALERT_WEBHOOK_SECRET', 'whsec_SECRET', 'must be whsec_ and standard base64'],
    [
      'TRACEVAULT_ALERT_WEBHOOK_SECRET',
      `whsec_${randomBytes(65).toString('base64')}`,
      'must be whsec_ and standard base64',
    ],
    ['TRACEVAULT_OUTBOUND_PROXY', 'socks5://x:1', 'begins with http:// or https://'],
    ['TRACEVAULT_REGISTRATION', 'anybody', 'must be one of open, invite, closed'],
    ['TRACEVAULT_AUDIT_RETENTION_DAYS', '-1', 'days from 0 to 36500'],
    ['TRACEVAULT_DRAIN_SECONDS', 'soon', 'seconds from 0 to 3600'],
    ['TRACEVAULT_DRAIN_SECONDS', '3601', 'seconds from 0 to 3600'],
    ['TRACEVAULT_WORKERS', '2', 'above 1 needs PostgreSQL (set DATABASE_URL)'],
    ['TRACEVAULT_WORKERS', '0', 'must be a whole number from 1 to 64'],
    ['TRACEVAULT_WORKERS', 'auto', 'must be a whole number from 1 to 64'],
    ['TRACEVAULT_METRICS_PORT', '0', 'from 1 to 65535'],
    ['TRACEVAULT_METRICS_PORT', '3000', 'must be another port than PORT'],
    ['TRACEVAULT_METRICS_HOST', 'two words', 'must be a host name or an IP address'],
    ['TRACEVAULT_ENCYRPTION_KEY', 'SECRET', 'is not a variable of this server; the known ones are'],
    ['TRACEVAULT_data_dir', 'x', 'is not a variable of this server'],
  ])('refuses %s=%s by name', (name, value, message) => {
    const problems = problemsOf({
      [name]: value,
      ...(name === 'DATABASE_URL' && { TRACEVAULT_ENCRYPTION_KEY: KEY }),
      ...(name === 'TRACEVAULT_ALERT_WEBHOOK' && { TRACEVAULT_ALERT_WEBHOOK_SECRET: `whsec_${KEY}` }),
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${name} `);
    expect(problems[0]).toContain(message);
    if (value.length > 8) expect(problems[0]).not.toContain(value);
    expect(problems[0]).not.toMatch(/\bSECRET/); // a variable's name may end so
  });

  it('lists all faults together', () => {
    const problems = problemsOf({
      PORT: 'x',
      LOG_LEVEL: 'x',
      TRACEVAULT_TYPO: 'x',
      DATABASE_URL: 'postgres://db/x',
    });
    expect(problemsOf({ PORT: 'x', TRACEVAULT_WORKERS: '2' })).toHaveLength(2);
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'LOG_LEVEL',
      'PORT',
      'TRACEVAULT_ENCRYPTION_KEY',
      'TRACEVAULT_TYPO',
    ]);
  });

  it('compares nothing with the default of a variable that is set to something else', () => {
    expect(problemsOf({ PORT: 'x', TRACEVAULT_METRICS_PORT: '3000' })).toEqual([
      'PORT must be a whole number from 1 to 65535',
    ]);
    const database = { DATABASE_URL: 'db', TRACEVAULT_ENCRYPTION_KEY: KEY, TRACEVAULT_WORKERS: '2' };
    expect(problemsOf(database)).toEqual([
      'DATABASE_URL must be a URL that begins with postgres:// or postgresql://, without fragment',
    ]);
  });

  it('leaves alone what only the tracevault command and agents read', () => {
    const others = { TRACEVAULT_SERVER: 'https://tracevault.example.com', TRACEVAULT_TOKEN: 'tvp_x' };
    expect(problemsOf({ ...others, PORT: 'x' })).toHaveLength(1);
  });

  it('serves metrics to this machine alone, if at all', () => {
    expect(loadConfig({ HOST: '0.0.0.0', TRACEVAULT_METRICS_PORT: '9464' }).metrics).toEqual({
      host: '127.0.0.1',
      port: 9464,
    });
    expect(loadConfig({ TRACEVAULT_METRICS_HOST: '0.0.0.0' }).metrics).toBeUndefined();
  });

  it('keeps idle connections for as long as the reverse proxy asks', () => {
    expect(loadConfig({ TRACEVAULT_KEEP_ALIVE_SECONDS: '660' }).keepAliveSeconds).toBe(660);
    for (const value of ['4', '7201', 'long'])
      expect(problemsOf({ TRACEVAULT_KEEP_ALIVE_SECONDS: value })).toEqual([
        'TRACEVAULT_KEEP_ALIVE_SECONDS must be a whole number of seconds from 5 to 7200',
      ]);
  });

  it('demands a master key in production', () => {
    expect(problemsOf({ DATABASE_URL: 'postgres://db/x' })[0]).toContain('openssl rand -base64 32');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ', TRACEVAULT_UNKNOWN: '' }).http.port).toBe(3000);
  });

  it.each<[string, unknown]>([
    ['true', 1],
    ['2', 2],
    ['false', false],
    ['::1/128,uniquelocal', ['::1/128', 'uniquelocal']],
  ])('reads TRUST_PROXY=%s', (text, expected) => {
    expect(loadConfig({ TRUST_PROXY: text }).http.trustProxy).toEqual(expected);
  });

  it.each([
    ['127.0.0.1', 'open'],
    ['127.8.0.1', 'open'],
    ['::1', 'open'],
    ['localhost', 'open'],
    ['0.0.0.0', 'invite'],
    ['::', 'invite'],
    ['192.168.0.7', 'invite'],
    ['127.example.com', 'invite'],
  ])('lets people join a server on HOST=%s by default: %s', (host, registration) => {
    expect(loadConfig({ HOST: host }).registration).toBe(registration);
    expect(loadConfig({ HOST: host, TRACEVAULT_REGISTRATION: 'closed' }).registration).toBe('closed');
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [{ TRACEVAULT_PUBLIC_URL: 'http://localhost:3000' }, 'open'],
    [{ TRACEVAULT_PUBLIC_URL: 'http://[::1]:3000' }, 'open'],
    [{ TRACEVAULT_PUBLIC_URL: 'https://vault.example.com' }, 'invite'],
    [{ TRUST_PROXY: 'loopback' }, 'invite'],
    [{ TRUST_PROXY: '1', TRACEVAULT_PUBLIC_URL: 'http://localhost' }, 'invite'],
  ])('takes a loopback that others reach through a reverse proxy for what it is: %j', (env, registration) => {
    expect(loadConfig(env).registration).toBe(registration);
  });

  it('keeps the audit trail forever with 0 days', () => {
    expect(loadConfig({ TRACEVAULT_AUDIT_RETENTION_DAYS: '0' }).auditRetentionDays).toBeUndefined();
  });

  it.each([
    ['0.0.0.0', 'http://localhost:3000'],
    ['::', 'http://localhost:3000'],
    ['::1', 'http://[::1]:3000'],
    ['vault.local', 'http://vault.local:3000'],
  ])('shows HOST=%s as %s', (host, url) => {
    expect(loadConfig({ HOST: host }).http.publicUrl).toBe(url);
  });
});
