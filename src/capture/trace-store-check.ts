import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Logger } from 'pino';
import { CONFIG, Config } from '../config/config';
import { LOGGER } from '../logging/logging.module';
import { PACK_STORE, PackStore } from './pack-store';

/** Says in the log at the start whether the bucket works, by a pack that is written, read and removed. The server does not wait for it. */
@Injectable()
export class TraceStoreCheck implements OnApplicationBootstrap, OnModuleDestroy {
  private isStopping = false;

  constructor(
    @Inject(PACK_STORE) private readonly packs: PackStore,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { bucket } = this.config.traces;
    if (bucket !== undefined) void this.check({ bucket: bucket.url, prefix: bucket.prefix });
  }

  onModuleDestroy(): void {
    this.isStopping = true;
  }

  private async check(place: object): Promise<void> {
    const folder = `check-${randomUUID()}`;
    const bytes = randomBytes(16);
    try {
      await this.packs.removeAll(folder); // first, because a list is refused soonest
      await this.packs.put(folder, 'pack', bytes);
      const read = await this.packs.read(folder, 'pack', { offset: 0, length: bytes.length });
      await this.packs.removeAll(folder);
      if (!read.equals(bytes)) throw new Error('What was read is not what was written');
      this.logger.info(place, 'The trace store works');
    } catch (error) {
      if (this.isStopping) return;
      const message = 'The trace store does not work: until it does, what agents say is not kept';
      this.logger.error({ err: error, ...place }, message);
    }
  }
}
