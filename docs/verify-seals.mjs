// Checks an export of seals, with nothing but Node:
//   node verify-seals.mjs EXPORT.jsonl KEYS.json [--known SEALS.jsonl] [--partial] [--bodies FOLDER]
// KEYS.json: what GET /api/v1/seals/key returned. SEALS.jsonl: seals that were kept elsewhere. --partial: of a part of a chain.
// FOLDER: an unpacked raw export of a trace, whose bodies are compared with what was sealed.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const options = {
  known: { type: 'string' },
  partial: { type: 'boolean', default: false },
  bodies: { type: 'string' },
};
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const [file, keysFile] = positionals;
const { keys: known } = JSON.parse(readFileSync(keysFile, 'utf8'));
const keys = new Map(known.map((key) => [key.id, createPublicKey(key.public_key)]));
const sha256 = (...parts) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const bytes = (hex) => Buffer.from(hex, 'hex');

const chains = new Map(); // by chain: the last sealed entry, the head there, and the entries behind it
const seen = new Set();
const calls = new Map(); // by id: what is sealed of a call
let [entries, seals, withoutRecord, faults] = [0, 0, 0, 0];
function fault(chain, text) {
  faults += 1;
  console.log(`FAULT in chain ${chain}: ${text}`);
}
function chainOf(id) {
  if (!chains.has(id)) chains.set(id, { last: 0, head: '0'.repeat(64), waiting: [] });
  return chains.get(id);
}

function addEntry({ chain, seq, leaf, subject, record_sha256: digest, record }) {
  entries += 1;
  chainOf(chain).waiting.push({ seq, leaf });
  if (record === null) withoutRecord += 1;
  const isShown = subject !== null;
  if (isShown ? sha256(bytes('00'), subject, '\n', bytes(digest)) !== leaf : record !== null)
    fault(chain, `entry ${seq} was changed`);
  else if (record !== null && sha256(record) !== digest) fault(chain, `entry ${seq} was changed`);
  else if (record !== null) calls.set(JSON.parse(record).id, JSON.parse(record));
}

function addSeal({ text, signature }) {
  const seal = JSON.parse(text);
  const chain = chainOf(seal.chain);
  const where = `the seal of entries ${seal.first} to ${seal.last}`;
  seals += 1;
  seen.add(text);
  const key = keys.get(seal.key);
  if (
    !key ||
    !verify(null, Buffer.from(`tracevault seal v1\n${text}`), key, Buffer.from(signature, 'base64'))
  )
    fault(seal.chain, `${where} has no valid signature of these keys`);
  if (seal.first <= chain.last) fault(seal.chain, `${where} comes again, or out of its order`);
  else if (seal.first > chain.last + 1) {
    if (!values.partial) fault(seal.chain, `entries ${chain.last + 1} to ${seal.first - 1} are left out`);
  } else if (seal.previous_head !== chain.head)
    fault(seal.chain, `${where} does not go on from the one before it`);
  const inOrder = chain.waiting.every(({ seq }, index) => seq === seal.first + index);
  if (!inOrder || chain.waiting.length !== seal.last - seal.first + 1)
    fault(
      seal.chain,
      `the entries before ${where} are not those: some are left out, made up, twice or in another order`,
    );
  else if (
    chain.waiting.reduce(
      (head, { leaf }) => sha256(bytes('01'), bytes(head), bytes(leaf)),
      seal.previous_head,
    ) !== seal.head
  )
    fault(seal.chain, `the entries do not add up to ${where}: one was changed or replaced`);
  Object.assign(chain, { last: seal.last, head: seal.head, waiting: [] });
}

for await (const line of createInterface({ input: createReadStream(file) })) {
  const value = JSON.parse(line);
  if (value.type === 'entry') addEntry(value);
  else addSeal(value);
}
for (const [id, { waiting }] of chains)
  if (waiting.length > 0) fault(id, `entries from ${waiting[0].seq} on are in no seal`);
if (values.known) {
  const lines = readFileSync(values.known, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const texts = lines
    .map((line) => line.last ?? line)
    .filter(({ type }) => type === 'seal')
    .map(({ text }) => text);
  if (texts.length === 0) throw new Error('The file of known seals holds none.');
  for (const text of texts)
    if (!seen.has(text)) fault(JSON.parse(text).chain, `a known seal is not there: ${text}`);
}
if (values.bodies) {
  let [same, redacted, unsealed] = [0, 0, 0];
  const manifest = JSON.parse(readFileSync(join(values.bodies, 'manifest.json'), 'utf8'));
  for (const call of manifest.calls)
    for (const part of ['request', 'response'].filter((name) => call[name].file)) {
      const { file: name, redacted: isRedacted, kept_sha256: kept } = call[part];
      const digest = sha256(readFileSync(join(values.bodies, name)));
      const passed = calls.get(call.id)?.[`${part}_sha256`];
      if (!passed) unsealed += 1;
      else if (digest === passed) same += 1;
      else if (isRedacted && digest === kept) {
        redacted += 1; // what passed is not there to be compared
        console.log(`redacted before it was kept: ${name}`);
      } else {
        faults += 1;
        console.log(`FAULT in ${name}: it is not the ${part} that passed`);
      }
    }
  console.log(`${same} bodies as they passed, ${redacted} redacted, ${unsealed} without a seal`);
}
console.log(
  `${entries} entries (${withoutRecord} without their record), ${seals} seals, ${chains.size} chains, ${faults} faults`,
);
process.exitCode = faults === 0 ? 0 : 1;
