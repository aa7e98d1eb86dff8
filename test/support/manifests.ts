import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { parse } from 'yaml';

const ROOT = join(__dirname, '../..');

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Reads a YAML file of this repository, with its anchors and merges resolved. */
export function readYaml(path: string): unknown {
  return parse(readText(path), { merge: true });
}

/** The modules of the Kubernetes types, by API version and kind. */
const KINDS: Record<string, string> = {
  'v1 ConfigMap': 'core/v1',
  'v1 Secret': 'core/v1',
  'v1 Service': 'core/v1',
  'apps/v1 Deployment': 'apps/v1',
  'policy/v1 PodDisruptionBudget': 'policy/v1',
  'networking.k8s.io/v1 NetworkPolicy': 'networking/v1',
  'networking.k8s.io/v1 Ingress': 'networking/v1',
};

/**
 * Validates objects against the published Kubernetes types: unknown fields, missing fields and values of a wrong type. The
 * TypeScript compiler is the validator, because it alone is strict about unknown fields.
 * @returns the errors; an empty list when Kubernetes would accept the objects.
 */
export function kubernetesErrors(objects: readonly { apiVersion: string; kind: string }[]): string[] {
  const lines = objects.map((object, index) => {
    const name = `${object.apiVersion} ${object.kind}`;
    const module = KINDS[name];
    if (module === undefined) throw new Error(`No type is known for ${name}`);
    return `export const o${index}: import('kubernetes-types/${module}').${object.kind} = ${JSON.stringify(object)};`;
  });
  return problemsOf(lines.join('\n'));
}

function problemsOf(text: string): string[] {
  const path = join(ROOT, 'kubernetes-objects.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (file, ...rest) =>
    file === path ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022) : getSourceFile(file, ...rest);
  host.fileExists = (file) => file === path || fileExists(file);
  host.readFile = (file) => (file === path ? text : readFile(file));
  return ts
    .getPreEmitDiagnostics(ts.createProgram([path], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** Reads a compose file and interpolates its variables as compose does; `missing` are the required ones that are not set. */
export function readCompose(
  path: string,
  variables: Readonly<Record<string, string>>,
): { file: unknown; used: string[]; missing: string[] } {
  const used: string[] = [];
  const missing: string[] = [];
  const fill = (whole: string, name: string, operator: string, word: string): string => {
    used.push(name);
    if (variables[name]) return variables[name];
    if (operator === '-') return word;
    missing.push(name);
    return whole;
  };
  const file = JSON.parse(JSON.stringify(readYaml(path)), (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(/\$\{(\w+):([-?])([^}]*)\}/g, fill) : value,
  ) as unknown;
  return { file, used: [...new Set(used)].sort(), missing: [...new Set(missing)].sort() };
}
