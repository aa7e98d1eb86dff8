import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

/**
 * Who may know whom (docs/architecture.md). A room may import itself, the rooms listed here and nothing else of src/.
 * `database` is not listed for anyone: rooms reach the database through @nestjs/typeorm.
 */
const everyone = ['config', 'logging', 'exchange'];
const mayKnow = {
  cli: ['files'],
  config: [],
  /** What is written behind a request's back, whoever writes it. */
  batching: [],
  /** Files on the disk, whatever is in them. */
  files: [],
  /** One request and its response: its facts, its one end, who observes it. */
  exchange: [],
  logging: ['config', 'exchange'],
  database: [...everyone],
  /** The process: what holds for every connection and request, whoever answers it. */
  server: [...everyone, 'cli', 'metrics', 'providers'],
  api: [...everyone],
  /** What was looked up a moment ago, and who says that it has changed. */
  cache: [...everyone],
  /** What goes when it is old, and when. */
  retention: [...everyone],
  audit: [...everyone, 'retention'],
  auth: [...everyone, 'api', 'audit', 'batching', 'cache', 'retention'],
  orgs: [...everyone, 'api', 'audit', 'auth', 'retention'],
  /** Above both: signing up makes a person and their organization at once. */
  accounts: [...everyone, 'api', 'audit', 'auth', 'orgs', 'retention'],
  credentials: [...everyone, 'auth', 'batching', 'cache', 'files', 'orgs', 'providers'],
  health: [...everyone, 'api', 'server'],
  pages: [...everyone, 'api', 'auth', 'providers'],
  // Known by none: an observer of exchanges. The process alone serves what was counted.
  metrics: [...everyone, 'alerts', 'cache', 'capture', 'limits', 'metering', 'seals', 'telemetry'],
  metering: [...everyone, 'batching', 'files', 'providers', 'retention'],
  me: [...everyone, 'api', 'audit', 'auth', 'orgs', 'credentials', 'metering', 'providers', 'proxy'],
  /** Above the limits: who outside is told what was reached. */
  alerts: [...everyone, 'limits'],
  limits: [...everyone, 'api', 'audit', 'auth', 'cache', 'metering', 'orgs', 'providers', 'retention'],
  /** Which secrets stand in some bytes, and what is put in their place. */
  redaction: [],
  /** What is said in the bodies of calls. */
  transcript: ['providers'],
  /** What a collector outside is told of calls: an observer of exchanges and of the ledger. */
  telemetry: [...everyone, 'batching', 'metering'],
  /** What agents say, kept: an observer of exchanges. */
  capture: [
    ...everyone,
    ...[
      'api',
      'audit',
      'auth',
      'batching',
      'credentials',
      'files',
      'metering',
      'orgs',
      'providers',
      'redaction',
      'retention',
      'transcript',
    ],
  ],
  /** Above the ledger and what is kept, which it puts together. */
  traces: [
    ...everyone,
    ...[
      'api',
      'audit',
      'auth',
      'capture',
      'metering',
      'orgs',
      'providers',
      'seals',
      'telemetry',
      'transcript',
    ],
  ],
  /** Behind the ledger and the audit trail, whose rows it knows by the names of their columns. */
  seals: [...everyone, 'api', 'credentials', 'orgs', 'retention'],
  /** The table of providers: all that tells one from another. */
  providers: [...everyone],
  proxy: [...everyone, 'api', 'auth', 'credentials', 'limits', 'providers', 'server'],
  transfer: [...everyone, 'database'],
  operator: [
    ...everyone,
    'accounts',
    'audit',
    'auth',
    'cli',
    'credentials',
    'files',
    'metering',
    'orgs',
    'seals',
    'transfer',
  ],
};

/** Single files that a room may know of another one: tables that nothing else belongs to, and the one way out. */
const doors = {
  alerts: ['proxy/outbound-agent'],
  cli: ['config/credential-shapes'],
  capture: ['database/planned-once', 'database/sql-state', 'proxy/outbound-agent'],
  metering: ['database/planned-once', 'database/sql-state'],
  redaction: ['config/credential-shapes'],
  telemetry: ['cli/version', 'proxy/outbound-agent'],
  transcript: ['metering/content-coding', 'metering/json'],
};

const walls = Object.entries(mayKnow).map(([room, known]) => ({
  files: [`src/${room}/**/*.ts`],
  ignores: ['src/database/schema.ts', '**/*.spec.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              ...Object.keys(mayKnow)
                .filter((other) => other !== room && !known.includes(other))
                .map((other) => `**/${other}/*`),
              ...(doors[room] ?? []).map((file) => `!**/${file}`),
            ],
            message: `src/${room} may know only: ${known.join(', ') || 'nothing'}. See the walls in eslint.config.mjs.`,
          },
          {
            group: known
              .filter((other) => !everyone.includes(other))
              .map((other) => `**/${other}/*.repository`),
            message: 'A module exports one narrow service, never its repository.',
          },
          {
            group: [
              '**/app.module',
              '**/operator.module',
              '**/create-app',
              '**/main',
              '**/tracevault-server',
            ],
            message: 'Rooms do not know who puts them together.',
          },
        ].filter(({ group }) => group.length > 0),
        paths:
          room === 'proxy'
            ? []
            : [{ name: 'axios', message: 'axios lives in src/proxy/forwarding.service.ts only.' }],
      },
    ],
  },
}));

export default tseslint.config(
  {
    ignores: [
      'dist',
      'coverage',
      'data',
      'data-demo',
      'reports',
      '.stryker-tmp',
      'web/dist',
      'web/src/api/schema.d.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // DTO classes describe shapes; nothing depends on their prototype.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/api/*.exception.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['NewExpression[callee', 'ClassDeclaration[superClass'].map((where) => ({
          selector: `${where}.name=/^(?!(Api|InvalidFields|OAuth)E)\\w*Exception$/]`,
          message:
            'An error of the API has a code: new ApiException(code, message). See src/api/error-codes.ts.',
        })),
      ],
    },
  },
  { files: ['bench/**/*.ts'], rules: { 'no-console': 'off' } },
  ...walls,
  {
    // So that a command can run in a test's own process, and what it prints can't come from anywhere else.
    files: ['src/cli/**/*.ts', 'src/operator/**/*.ts'],
    ignores: ['src/cli/io.ts', 'src/cli/main.ts', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['argv', 'cwd', 'env', 'exit', 'exitCode', 'stderr', 'stdin', 'stdout'].map((property) => ({
          object: 'process',
          property,
          message: 'A command takes it from the Io that it is passed (src/cli/io.ts).',
        })),
      ],
    },
  },
  { files: ['web/**/*.svelte'], extends: [...tseslint.configs.strict, ...svelte.configs.recommended] },
  {
    files: ['web/**/*.svelte'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: { 'prefer-const': 'off', 'svelte/prefer-const': ['error', { destructuring: 'all' }] },
  },
  {
    files: ['web/src/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/src/**', '../../../*'],
              message: 'The pages talk to the HTTP API and know nothing of the server’s code.',
            },
          ],
        },
      ],
    },
  },
);
