/** The documents that lie beside TraceVault's source, each with what it is about. */
export const DOCUMENTS: readonly (readonly [file: string, about: string])[] = [
  ['README.md', 'What it is, and the way to the first request'],
  ['docs/using.md', 'The pages, the tracevault command, proxy tokens, the API'],
  ['docs/proxy.md', 'What is forwarded, clients, errors, what to do when something does not work'],
  ['docs/metering.md', 'What calls used and cost, and the prices'],
  ['docs/limits.md', 'What may be spent, how fast, on which models'],
  ['docs/traces.md', 'What agents did and said, what is kept of it, and how it goes'],
  ['docs/seals.md', 'How to check elsewhere that nothing was changed or left out'],
  ['docs/operations.md', 'Databases, backup, upgrades, people, logs, metrics, TLS'],
  ['docs/configuration.md', 'Every variable of the server'],
  ['docs/containers.md', 'The image, Compose, Kubernetes'],
  ['docs/security.md', 'What is stored, how it is protected, and against whom'],
  ['docs/glossary.md', 'The words'],
  ['CHANGELOG.md', 'What has changed'],
];
