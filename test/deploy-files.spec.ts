import ignore from '@balena/dockerignore';
import { DCLinter } from 'dclint';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../src/config/env';
import { VARIABLES } from '../src/config/variables';
import { HealthController } from '../src/health/health.controller';
import { kubernetesErrors, readCompose, readText, readYaml } from './support/manifests';

const ROOT = join(__dirname, '..');
const KEY = Buffer.alloc(32, 7).toString('base64');
const { version, engines } = JSON.parse(readText('package.json')) as {
  version: string;
  engines: { node: string };
};
const defaults = loadConfig({});
/** What the server reads. */
const variables = Object.keys(VARIABLES);

describe('deploy/docker', () => {
  const text = readText('deploy/docker/Dockerfile');
  const dockerfile = DockerfileParser.parse(text);
  const instructions = (keyword: string): string[] =>
    dockerfile
      .getInstructions()
      .filter((instruction) => instruction.getKeyword() === keyword)
      .map((instruction) => instruction.getArgumentsContent() ?? '');

  it('is a valid Dockerfile', () => {
    expect(validate(text)).toEqual([]);
  });

  it('takes a Node that the package supports, by its whole version', () => {
    const [, major, minor] = /^NODE_IMAGE=node:(\d+)\.(\d+)\.\d+-\w+-slim$/
      .exec(instructions('ARG')[0]!)!
      .map(Number);
    const supported = engines.node.split(' || ').some((range) => {
      const [, operator, from, least] = /^(\^|>=)(\d+)\.(\d+)$/.exec(range)!;
      const sameMajor = major === Number(from) && minor! >= Number(least);
      return operator === '^' ? sameMajor : sameMajor || major! > Number(from);
    });
    expect(supported).toBe(true);
  });

  it('sets variables that the server knows, and says the port that it listens at', () => {
    const env = dockerfile
      .getENVs()
      .flatMap((instruction) => instruction.getProperties().map((one) => one.getName()));
    expect(env.filter((name) => name !== 'NODE_ENV' && !variables.includes(name))).toEqual([]);
    expect(instructions('EXPOSE')).toEqual([String(defaults.http.port)]);
    expect(instructions('HEALTHCHECK')[0]).toContain(`PORT || ${defaults.http.port}`);
    expect(healthPaths()).toContain(/'(\/health\/\w+)'/.exec(instructions('HEALTHCHECK')[0]!)![1]);
  });

  it('has no shell and no npm between the engine and node, and no root', () => {
    expect(instructions('CMD')).toEqual(['["node", "dist/src/main.js"]']);
    expect(instructions('ENTRYPOINT')).toEqual([]);
    expect(instructions('USER')).toEqual(['1000:1000']);
  });

  it('gets from the working tree what it copies, and no secret, no data and no history', () => {
    const context = ignore().add(readText('.dockerignore'));
    for (const copy of dockerfile.getCOPYs().filter((one) => one.getFlags().length === 0)) {
      const sources = copy.getArguments().slice(0, -1);
      expect(sources.map((source) => source.getValue()).filter((path) => context.ignores(path))).toEqual([]);
    }
    const kept = [
      '.env',
      'web/.env',
      'deploy/compose/.env',
      'data/encryption.key',
      '.git/config',
      'node_modules/x',
    ];
    expect(kept.filter((path) => !context.ignores(path))).toEqual([]);
  });
});

describe('deploy/compose', () => {
  const filled = {
    POSTGRES_PASSWORD: 'abc123',
    TRACEVAULT_ENCRYPTION_KEY: KEY,
    TRACEVAULT_PUBLIC_URL: 'https://tracevault.example.com',
  };

  interface Service {
    readonly image: string;
    readonly environment?: Record<string, string>;
    readonly stop_grace_period: string;
    readonly ports?: string[];
    readonly read_only: boolean;
    readonly cap_drop: string[];
    readonly security_opt: string[];
    readonly depends_on?: object;
  }
  const read = (file: string, settings: Record<string, string>) =>
    readCompose(`deploy/compose/${file}`, settings);
  const services = (file: string) =>
    (read(file, filled).file as { services: Record<string, Service> }).services;
  const files = ['compose.embedded.yaml', 'compose.postgres.yaml'];
  const servers = files.flatMap((file) =>
    Object.entries(services(file)).filter(([name]) => name.startsWith('tracevault')),
  );

  it('holds to the schema of compose', () => {
    const rules = { 'no-build-and-image': 0, 'service-keys-order': 0 } as const;
    const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
    // Its types don't resolve under nodenext.
    const results = linter.lintFiles([join(ROOT, 'deploy/compose')], false) as {
      filePath: string;
      messages: object[];
    }[];
    expect(results.map(({ filePath }) => filePath.split('/').at(-1)).sort()).toEqual(files);
    expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it.each(servers)('gives %s an environment that the server takes, and time to drain', (_name, service) => {
    const { environment = {}, stop_grace_period: grace } = service;
    expect(Object.keys(environment).filter((name) => !variables.includes(name))).toEqual([]);
    const config = loadConfig(environment);
    expect(Number(/^(\d+)s$/.exec(grace)![1])).toBeGreaterThan(config.drainSeconds + 10);
    expect(service.image).toBe(`tracevault:${version}`);
  });

  it.each(files)('%s takes everything from every container that it does not need', (file) => {
    for (const service of Object.values(services(file)))
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  it('publishes the embedded server on this machine alone, and of the others nginx alone', () => {
    expect(services('compose.embedded.yaml').tracevault?.ports).toEqual([
      `127.0.0.1:${defaults.http.port}:${defaults.http.port}`,
    ]);
    const published = Object.entries(services('compose.postgres.yaml')).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['nginx']);
    expect(published[0]![1].ports).toEqual([`0.0.0.0:443:${/listen (\d+) ssl/.exec(nginx())![1]}`]);
  });

  it('holds no secret, and says which ones it needs', () => {
    expect(read('compose.embedded.yaml', {}).missing).toEqual([]);
    expect(read('compose.postgres.yaml', {}).missing).toEqual(Object.keys(filled).sort());
  });

  it('.env.example names each variable of both files, and gives none of the secrets a value', () => {
    const example = readText('deploy/compose/.env.example');
    const names = [...example.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    const used = files.flatMap((file) => read(file, {}).used);
    expect(names.sort()).toEqual([...new Set(used)].sort());
    for (const secret of Object.keys(filled)) expect(example).toMatch(new RegExp(`^${secret}=$`, 'm'));
  });
});

describe('deploy/nginx', () => {
  it('waits longer than any client, and closes idle connections before the server does', () => {
    const times = [...nginx().matchAll(/(\w+_timeout) (\d+)s;/g)].map(([, name, seconds]) => [
      name,
      Number(seconds),
    ]);
    const between = ['proxy_read_timeout', 'proxy_send_timeout', 'send_timeout'];
    expect(times.filter(([name]) => between.includes(String(name))).map(([, seconds]) => seconds)).toEqual(
      between.map(() => 3600),
    );
    const bodies = (location: string): string | undefined =>
      new RegExp(`location ${location} \\{[^}]*client_body_timeout (\\w+);`).exec(nginx())?.[1];
    expect([bodies('/proxy/'), bodies('/')]).toEqual(['3600s', '10s']);
    const idle = Number(/keepalive_timeout (\d+)s/.exec(readText('deploy/nginx/replicas.conf'))![1]);
    expect(idle).toBeLessThan(defaults.keepAliveSeconds);
  });

  it('names the servers of the compose file, at their port', () => {
    const names = [
      ...readText('deploy/nginx/replicas.conf').matchAll(/server ([\w-]+):(\d+) .*# ([\w-]+)$/gm),
    ];
    const { services } = readYaml('deploy/compose/compose.postgres.yaml') as { services: object };
    expect(names.map(([, name]) => name)).toEqual(
      Object.keys(services).filter((name) => /tracevault/.test(name)),
    );
    for (const [, name, port, comment] of names)
      expect([port, comment]).toEqual([String(defaults.http.port), name]);
  });
});

describe('deploy/kubernetes', () => {
  interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    readonly [field: string]: any;
  }
  const folder = 'deploy/kubernetes';
  const { resources } = readYaml(`${folder}/kustomization.yaml`) as { resources: string[] };
  const objects = resources.map((file) => readYaml(`${folder}/${file}`) as KubernetesObject);
  const secret = readYaml(`${folder}/secret.example.yaml`) as KubernetesObject;
  const of = (kind: string): KubernetesObject => objects.find((object) => object.kind === kind)!;
  const pod = of('Deployment').spec.template.spec;
  const [container] = pod.containers;

  it('holds to the types of Kubernetes', () => {
    expect(kubernetesErrors([...objects, secret])).toEqual([]);
    const typo = structuredClone(of('Deployment'));
    typo.spec.template.spec.containers[0].readinessProb = {};
    expect(kubernetesErrors([typo])).toEqual([expect.stringContaining('readinessProb')]);
  });

  it('lists every file but the Secret, which is an example', () => {
    const files = readdirSync(join(ROOT, folder)).filter(
      (file) => !/^(kustomization|secret\.example)/.test(file),
    );
    expect([...resources].sort()).toEqual(files.sort());
    expect(secret.stringData.TRACEVAULT_ENCRYPTION_KEY).toBe('');
  });

  it('gives the server an environment that it takes, with a database and a key', () => {
    const environment = { ...of('ConfigMap').data, ...secret.stringData };
    expect(Object.keys(environment).filter((name) => !variables.includes(name))).toEqual([]);
    expect(loadConfig({ ...environment, TRACEVAULT_ENCRYPTION_KEY: KEY }).database.kind).toBe('postgres');
    expect(container.envFrom.map((one: object) => Object.keys(one)[0])).toEqual([
      'configMapRef',
      'secretRef',
    ]);
    // The Service's own variables would be TRACEVAULT_PORT and the like, and an unknown TRACEVAULT_ name stops the start.
    expect(pod.enableServiceLinks).toBe(false);
  });

  it('leaves time for the Service to forget the pod and for streams to end', () => {
    const { drainSeconds } = loadConfig(of('ConfigMap').data);
    const sleep = container.lifecycle.preStop.sleep.seconds as number;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(sleep + drainSeconds + 10);
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    expect(sleep).toBeGreaterThan(periodSeconds * failureThreshold);
  });

  it('asks for paths that there are, at the port that is open', () => {
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    expect(probes.map(({ httpGet }) => httpGet.path).filter((path) => !healthPaths().includes(path))).toEqual(
      [],
    );
    expect(container.livenessProbe.httpGet.path).toBe('/health/live');
    expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
    expect(container.ports).toEqual([{ name: 'http', containerPort: defaults.http.port }]);
    expect(of('NetworkPolicy').spec.ingress[0].ports).toEqual([{ port: defaults.http.port }]);
    expect(container.image).toBe(`tracevault:${version}`);
  });

  it('lets the pods reach named peers alone: names, the database’s pods, the vendor outside', () => {
    const { egress } = of('NetworkPolicy').spec as {
      egress: { to?: Record<string, unknown>[]; ports?: { port: number }[] }[];
    };
    expect(egress.map(({ to, ports }) => [to?.length, ports?.map(({ port }) => port)])).toEqual([
      [1, [53, 53]],
      [1, [5432]],
      [1, [443]],
    ]);
    expect(egress[1]!.to).toEqual([
      { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'postgresql' } } },
    ]);
    const { port, hostname } = new URL(String(secret.stringData.DATABASE_URL));
    expect([Number(port || 5432), hostname]).toEqual([5432, expect.any(String)]);
    // Who has the database elsewhere finds the way beside it.
    const comments = readText(`${folder}/networkpolicy.yaml`)
      .split('\n')
      .filter((line) => /^ *#/.test(line));
    expect(comments.join('\n')).toMatch(/ipBlock:[^]*cidr: 192\.0\.2\.10\/32/);
    expect(comments.join('\n')).toContain('namespaceSelector');
  });

  it('meets the restricted Pod Security Standard, on a read-only root', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  it('selects its pods by the label that they carry', () => {
    const { labels } = of('Deployment').spec.template.metadata;
    expect(of('Service').spec.selector).toEqual(labels);
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect(of(kind).spec.selector.matchLabels).toEqual(labels);
    expect(of('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
  });
});

function nginx(): string {
  return readText('deploy/nginx/nginx.conf');
}

function healthPaths(): string[] {
  const { prototype } = HealthController;
  const base = Reflect.getMetadata('path', HealthController) as string;
  return Object.getOwnPropertyNames(prototype)
    .map((name) => Reflect.getMetadata('path', prototype[name as 'live']) as string | undefined)
    .filter((path) => path !== undefined)
    .map((path) => `/${base}/${path}`);
}
