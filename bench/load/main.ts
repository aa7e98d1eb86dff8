/** The load generator's process: runs jobs that arrive by message, one after another, and replies with their results. */
import { LoadAnswer, LoadRequest } from '../job';
import { run } from './jobs';

process.on('message', ({ endpoint, job }: LoadRequest) => {
  run(endpoint, job).then(
    (result) => answer({ result }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

function answer(message: LoadAnswer): void {
  process.send?.(message);
}
