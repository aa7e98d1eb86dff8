import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from './documents';

const ROOT = join(__dirname, '../../..');

describe('the documents that the page of them names', () => {
  it.each(DOCUMENTS.map(([file]) => file))('%s is there', (file) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
  });
});
