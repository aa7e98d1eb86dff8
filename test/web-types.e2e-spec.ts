import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestApp } from './support/app';
import { emptyDirectory } from './support/database';

const ROOT = join(__dirname, '..');
const TYPES = join(ROOT, 'web/src/api/schema.d.ts');
const GENERATOR = join(ROOT, 'node_modules/openapi-typescript/bin/cli.js');

describe('the types that the pages know the API by', () => {
  it('are those of the OpenAPI document of today; npm run web:types writes them again', async () => {
    const app = await TestApp.start();
    const document = join(await emptyDirectory(), 'document.json');
    await writeFile(document, await (await fetch(`${app.url}/api/docs-json`)).text());
    await app.close();
    const { stdout: types } = await promisify(execFile)(process.execPath, [GENERATOR, document]);
    if (process.env.WRITE_WEB_TYPES === '1') await writeFile(TYPES, types);
    expect(await readFile(TYPES, 'utf8')).toBe(types);
  });
});
