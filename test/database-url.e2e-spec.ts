import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { AddressInfo, connect, createServer, Server } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { Client } from 'pg';
import { TestApp } from './support/app';
import { emptyDirectory, freshDatabase } from './support/database';
import { runBuilt } from './support/process';
import { postgresOnly } from './support/which-database';

const KEY = { TRACEVAULT_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };

const refusalOf = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const server = runBuilt('src/main.js', { ...KEY, ...env });
  expect(await server.exit).toBe(1);
  expect(server.errors + server.output).not.toContain('CANARY');
  return server.errors;
};

describe('a database whose certificate nobody vouches for', () => {
  let database: Server;
  afterEach(() => database.close());

  it('stops the start with a line that says what sslmode=require means here, and what to add', async () => {
    const certificate = {
      key: readFileSync(join(__dirname, 'support/tls/key.pem')),
      cert: readFileSync(join(__dirname, 'support/tls/cert.pem')),
    };
    database = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('S');
        new TLSSocket(socket, { isServer: true, ...certificate }).on('error', () => undefined);
      });
    });
    await once(database.listen(0, '127.0.0.1'), 'listening');
    const { port } = database.address() as AddressInfo;
    const url = `postgres://ada:CANARY@127.0.0.1:${port}/tv?sslmode=require`;
    const errors = await refusalOf({ DATABASE_URL: url });
    expect(errors).toContain("The database in DATABASE_URL can't be used:");
    expect(errors).toContain('sslrootcert=/path/to/ca.pem');
    expect(errors).toContain('sslmode=require checks it too');
    expect(errors).not.toMatch(/^ {4}at /m);
  });
});

postgresOnly('a PostgreSQL server', () => {
  it('is reached over a Unix socket whose directory the query names', async () => {
    const url = new URL((await freshDatabase()).DATABASE_URL!);
    const directory = await emptyDirectory();
    const socket = createServer((client) => {
      client
        .pipe(connect(Number(url.port), url.hostname))
        .pipe(client)
        .on('error', () => undefined);
    });
    await once(socket.listen(join(directory, '.s.PGSQL.5432')), 'listening');
    const user = `user=${url.username}&password=${url.password}`;
    const app = await TestApp.start({
      env: { ...KEY, DATABASE_URL: `postgresql://${url.pathname}?host=${directory}&${user}` },
    });
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    await app.close(); // also while the connection that listens is still being made
    socket.close();
  });

  it('whose role may not create tables stops the start with one line that names the right', async () => {
    const env = await freshDatabase();
    const role = `tv_role_${randomBytes(4).toString('hex')}`;
    const admin = new Client({ connectionString: env.DATABASE_URL! });
    await admin.connect();
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'CANARY'`);
    await admin.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    try {
      const url = new URL(env.DATABASE_URL!);
      [url.username, url.password] = [role, 'CANARY'];
      const errors = await refusalOf({ DATABASE_URL: url.href });
      expect(errors).toBe(
        "TraceVault can't start.\nThe role in DATABASE_URL may not create or change tables: permission denied for schema public. " +
          'Let it, as the owner of the database: GRANT CREATE ON SCHEMA public TO <role>; tables that exist already must belong to it.\n',
      );
    } finally {
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
    }
  });
});
