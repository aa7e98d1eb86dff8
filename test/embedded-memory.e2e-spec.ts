import { emptyDirectory } from './support/database';
import { runServer, TestProcess } from './support/process';
import { peakResidentSet, residentSet } from './support/process-facts';
import { embeddedOnly } from './support/which-database';

const MB = 1024 * 1024;
const MAX_PEAK = 400 * MB;
const MAX_IDLE = 300 * MB;

const onLinux = process.platform === 'linux' ? embeddedOnly : describe.skip;

jest.setTimeout(60_000);

onLinux('the memory of a server with an embedded database', () => {
  let server: TestProcess;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await emptyDirectory();
    ({ server } = await runServer({ TRACEVAULT_DATA_DIR: dataDir }));
  });
  afterAll(() => server.child.kill('SIGKILL'));

  it('stays within 400 MB while a first start creates the database, and within 300 MB afterwards', () => {
    expect(peakResidentSet(server.child.pid!)).toBeLessThan(MAX_PEAK);
    expect(residentSet(server.child.pid!)).toBeLessThan(MAX_IDLE);
  });

  it('stays within 300 MB, the start included, when the database is there already', async () => {
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    ({ server } = await runServer({ TRACEVAULT_DATA_DIR: dataDir }));
    expect(peakResidentSet(server.child.pid!)).toBeLessThan(MAX_IDLE);
  });
});
