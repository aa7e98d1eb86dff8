import ignore from '@balena/dockerignore';
import { Copy, DockerfileParser, Env, Instruction, JSONInstruction } from 'dockerfile-ast';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { giveAway, plainFolder, plainUserReads, remove, runStep, Sandbox } from './sandbox';

const ROOT = join(__dirname, '../..');

/**
 * `npm ci` takes minutes and has run here before the tests: its packages serve the build stage, and those of them that are no
 * development's are copied for the final one. IMAGE_STEPS=all carries out both steps.
 */
const INSTALLS_AGAIN = process.env.IMAGE_STEPS === 'all';

/**
 * What deploy/docker/Dockerfile makes, without an engine: its COPY and RUN steps are carried out one by one as a plain
 * user, each stage in a root of its own. The base image is this machine (its Debian, its node); `--chown` is left out.
 */
export class Image implements Sandbox {
  readonly env: Record<string, string> = {};
  workdir = '/';
  cmd: string[] = [];
  healthcheck: string[] = [];
  readonly root: string;
  readonly shared: Record<string, string> = {};

  private constructor(
    private readonly folder: string,
    stage: string,
  ) {
    this.root = join(folder, stage);
    mkdirSync(this.root);
  }

  static build(): Image {
    const dockerfile = DockerfileParser.parse(readFileSync(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8'));
    const folder = plainFolder();
    let image = new Image(folder, 'none');
    try {
      for (const from of dockerfile.getFROMs()) {
        image = new Image(folder, from.getBuildStage() ?? 'final');
        const stage = dockerfile.getContainingImage(from.getRange().start);
        for (const instruction of stage?.getInstructions() ?? []) image.carryOut(instruction);
      }
    } catch (error) {
      remove(folder);
      throw error;
    }
    giveAway(image.root);
    return image;
  }

  remove(): void {
    remove(this.folder);
  }

  private carryOut(instruction: Instruction): void {
    switch (instruction.getKeyword()) {
      case 'WORKDIR':
        this.workdir = instruction.getArgumentsContent() ?? '/';
        mkdirSync(this.inRoot('.'), { recursive: true });
        break;
      case 'ENV':
        for (const property of (instruction as Env).getProperties())
          this.env[property.getName()] = property.getValue() ?? '';
        break;
      case 'COPY':
        this.copy(instruction as Copy);
        break;
      case 'RUN':
        this.run(instruction.getArgumentsContent() ?? '');
        break;
      case 'CMD':
        this.cmd = wordsOf(instruction as JSONInstruction);
        break;
      case 'HEALTHCHECK':
        this.healthcheck = JSON.parse(
          instruction.getArgumentsContent()?.replace(/^CMD /, '') ?? '',
        ) as string[];
    }
  }

  private run(command: string): void {
    const installed = join(ROOT, 'node_modules');
    const isInstalled = /^npm ci /.test(command) && !INSTALLS_AGAIN && plainUserReads(installed);
    if (isInstalled && command.includes('--omit=dev')) {
      for (const path of productionPackages())
        cpSync(join(ROOT, path), this.inRoot(path), { recursive: true, filter: isNoNestedPackage });
      return;
    }
    if (isInstalled) {
      mkdirSync(join(installed, '.vite-temp'), { recursive: true }); // where vite writes while it builds
      this.shared[join(this.workdir, 'node_modules')] = installed;
      return;
    }
    giveAway(this.root);
    runStep(this, command);
  }

  /** From the context only what .dockerignore lets through; a folder's contents go into the destination, as COPY has it. */
  private copy(instruction: Copy): void {
    // Not getFromFlag(), which overlooks it beside other flags.
    const from = instruction
      .getFlags()
      .find((flag) => flag.getName() === 'from')
      ?.getValue();
    const [destination = '', ...sources] = instruction
      .getArguments()
      .map((argument) => argument.getValue())
      .reverse();
    const ignored = ignore().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
    for (const source of sources) {
      const path = from ? join(this.folder, from, source) : join(ROOT, source);
      const isFolder = statSync(path).isDirectory();
      const target = this.inRoot(isFolder ? destination : join(destination, basename(source)));
      const filter = (file: string): boolean => Boolean(from) || !ignored.ignores(relative(ROOT, file));
      if (!filter(path)) throw new Error(`.dockerignore keeps ${source} away from COPY`);
      cpSync(path, target, { recursive: true, filter, verbatimSymlinks: true });
    }
  }

  private inRoot(path: string): string {
    return join(this.root, path.startsWith('/') ? path : join(this.workdir, path));
  }
}

/** The folders that `npm ci --omit=dev` makes on a machine like this one, by the lock file. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(lock.packages).flatMap(
    ([path, { dev = false }]) => (path !== '' && !dev && existsSync(join(ROOT, path)) ? [path] : []), // a package of another platform is not there
  );
}

/** Packages within a package are listed by themselves: one of them may be for development alone. */
function isNoNestedPackage(file: string): boolean {
  return basename(file) !== 'node_modules';
}

function wordsOf(instruction: JSONInstruction): string[] {
  return instruction.getJSONStrings().map((text) => JSON.parse(text.getValue()) as string);
}
