import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvFile } from './env-file';

const TEXT = 'DATABASE_URL=postgres://db/tv\r\nLOG_LEVEL="warn" # quiet\n';

describe('loadEnvFile', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tv-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const loaded = async (content: Buffer, variables: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> => {
    const path = join(directory, '.env');
    await writeFile(path, content);
    loadEnvFile(path, variables);
    return variables;
  };

  it.each<[string, Buffer]>([
    ['plain UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark, as Notepad writes it', Buffer.from(`\uFEFF${TEXT}`)],
    ['UTF-16, as PowerShell’s > writes it', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
    ['UTF-16 with the bytes the other way round', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16()],
  ])('reads %s', async (_, content) => {
    expect(await loaded(content)).toEqual({ DATABASE_URL: 'postgres://db/tv', LOG_LEVEL: 'warn' });
  });

  it('leaves alone what is set already, empty or not', async () => {
    const set = { DATABASE_URL: '', LOG_LEVEL: 'error' };
    expect(await loaded(Buffer.from(TEXT), { ...set })).toEqual(set);
  });

  it('does without a file', () => {
    const variables = {};
    loadEnvFile(join(directory, '.env'), variables);
    expect(variables).toEqual({});
  });
});
