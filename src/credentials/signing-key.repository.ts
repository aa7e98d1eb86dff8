import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Binding } from './encryption.service';
import { SealedTable } from './sealed-table';
import { SigningKeyEntity } from './signing-key.entity';

/** The rows of encrypted signing keys. It never handles plaintext. */
@Injectable()
export class SigningKeyRepository extends SealedTable {
  constructor(@InjectRepository(SigningKeyEntity) rows: Repository<SigningKeyEntity>) {
    super(rows, signingKeyBinding);
  }
}

/** Returns the binding of a signing key: a ciphertext that is moved to another row does not decrypt. */
export function signingKeyBinding(id: string): Binding {
  return { purpose: 'signing-key', owner: id };
}
