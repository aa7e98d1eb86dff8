import { INestApplicationContext } from '@nestjs/common';
import { Argument, Option } from 'commander';
import { passwordError } from '../accounts/acceptable-password';
import { AccountsService } from '../accounts/accounts.service';
import { DeactivationService } from '../accounts/deactivation.service';
import { AuditAction, AuditDetails } from '../audit/audit-event.entity';
import { AuditService } from '../audit/audit.service';
import { UserEntity } from '../auth/user.entity';
import { UsersService } from '../auth/users.service';
import { Io } from '../cli/io';
import { askSecret } from '../cli/prompt';
import { displayable } from '../logging/display-text';
import { Role } from '../orgs/membership.entity';
import { OrgsService } from '../orgs/orgs.service';
import { AddCommand, printError, print } from './command';

const EMAIL = new Argument('<email>', 'whose account');

/**
 * Adds the commands for accounts, for cases in which no one with the required role can sign in. They check no authorization:
 * anyone who can run them has access to the database anyway.
 */
export const addAccountCommands: AddCommand = (program, onServer) => {
  program
    .command('reset-password')
    .description('give a person a new password, from a prompt or stdin; revokes all their sessions')
    .addArgument(EMAIL)
    .option('--revoke-proxy-tokens', 'revoke their proxy tokens too, which go on otherwise')
    .action((email: string, { revokeProxyTokens = false }: { revokeProxyTokens?: boolean }) =>
      onServer((context, io) => resetPassword(context, io, email, revokeProxyTokens)),
    );
  program
    .command('make-admin')
    .description('make a person admin or owner of an organization, also one that they are not in')
    .addArgument(EMAIL)
    .option('--org <name>', 'which organization; may be left out when they are in one only')
    .addOption(new Option('--role <role>').choices(['admin', 'owner']).default('admin'))
    .action((email: string, { org, role }: { org?: string; role: Role }) =>
      onServer((context, io) => makeAdmin(context, io, email, org, role)),
    );
  program
    .command('deactivate-user')
    .description('revoke a person’s sessions and their use of the proxy, from the next request on')
    .addArgument(EMAIL)
    .action((email: string) => onServer((context, io) => deactivate(context, io, email)));
  program
    .command('reactivate-user')
    .description('let a deactivated person sign in again')
    .addArgument(EMAIL)
    .action((email: string) => onServer((context, io) => reactivate(context, io, email)));
};

async function resetPassword(
  context: INestApplicationContext,
  io: Io,
  email: string,
  revokeProxyTokens: boolean,
): Promise<number> {
  const user = await find(context, io, email);
  if (user === undefined) return 1;
  const password = await askSecret(io, `New password for ${named(user)} (not shown): `);
  const problem = passwordError('The password', password);
  if (problem !== undefined) return printError(io, `${problem.message}. Nothing was changed.`);
  await context.get(AccountsService).resetPassword(user.id, password, { revokeProxyTokens });
  await record(context, 'password_changed', user, revokeProxyTokens ? { proxy_tokens: 'revoked' } : {});
  print(
    io,
    revokeProxyTokens
      ? `${named(user)} has a new password. All their sessions and proxy tokens are revoked; agents need a new token.`
      : `${named(user)} has a new password. All their sessions are revoked; their proxy tokens go on (--revoke-proxy-tokens revokes them).`,
  );
  sayIfDeactivated(io, user);
  return 0;
}

function sayIfDeactivated(io: Io, { deactivatedAt }: UserEntity): void {
  if (deactivatedAt !== null)
    print(io, 'The account is deactivated all the same: tracevault-server reactivate-user lets them in.');
}

async function makeAdmin(
  context: INestApplicationContext,
  io: Io,
  email: string,
  orgName: string | undefined,
  role: Role,
): Promise<number> {
  const user = await find(context, io, email);
  if (user === undefined) return 1;
  const orgs = context.get(OrgsService);
  const own = await orgs.membershipsOf(user.id);
  const name = orgName ?? (own.length === 1 ? own[0]?.org.name : undefined);
  if (name === undefined)
    return printError(
      io,
      `Say which organization with --org. ${named(user)} is in: ${own.map(({ org }) => org.name).join(', ') || 'none'}.`,
    );
  const given = await orgs.grantRole(user.id, name, role);
  if (given === undefined)
    return printError(io, `There is no organization "${name}". Names are in URL form.`);
  const { org } = given;
  if (given.role !== role) {
    print(io, `${named(user)} is ${given.role} of ${org.name} already, which is more. Nothing was changed.`);
    return 0;
  }
  await record(context, 'role_granted', user, { role }, org.id);
  print(io, `${named(user)} is ${role} of ${org.name}.`);
  sayIfDeactivated(io, user);
  return 0;
}

async function deactivate(context: INestApplicationContext, io: Io, email: string): Promise<number> {
  const user = await find(context, io, email);
  if (user === undefined) return 1;
  if (await context.get(DeactivationService).deactivateByOperator(user.id))
    await record(context, 'member_deactivated', user);
  print(
    io,
    `${named(user)} is out: no sign-in, no proxy. Their account, their stored key and the trail stay.`,
  );
  return 0;
}

async function reactivate(context: INestApplicationContext, io: Io, email: string): Promise<number> {
  const user = await find(context, io, email);
  if (user === undefined) return 1;
  if (await context.get(DeactivationService).reactivateByOperator(user.id))
    await record(context, 'member_reactivated', user);
  print(io, `${named(user)} can sign in.`);
  return 0;
}

/** Returns a user's email on one line: an email that was stored under earlier rules can contain a line feed. */
function named({ email }: UserEntity): string {
  return displayable(email);
}

async function find(
  context: INestApplicationContext,
  io: Io,
  email: string,
): Promise<UserEntity | undefined> {
  const user = await context.get(UsersService).findByEmail(email.trim());
  if (user === undefined) printError(io, 'There is no account with this email.');
  return user;
}

async function record(
  context: INestApplicationContext,
  action: AuditAction,
  { id: subjectId }: UserEntity,
  details: AuditDetails = {},
  orgId?: string,
): Promise<void> {
  await context
    .get(AuditService)
    .record({ action, actor: 'operator', subjectId, details, ...(orgId !== undefined && { orgId }) });
}
