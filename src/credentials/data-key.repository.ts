import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { DataKeyEntity } from './data-key.entity';
import { Binding } from './encryption.service';
import { SealedTable } from './sealed-table';

/** The rows of encrypted data keys. It never handles plaintext. */
@Injectable()
export class DataKeyRepository extends SealedTable {
  constructor(@InjectRepository(DataKeyEntity) rows: Repository<DataKeyEntity>) {
    super(rows, dataKeyBinding);
  }
}

/** Returns the binding of a data key: a ciphertext that is moved to another row does not decrypt. */
export function dataKeyBinding(id: string): Binding & { readonly purpose: 'trace-data-key' } {
  return { purpose: 'trace-data-key', owner: id };
}
