package dev.pgportage.assess;

import java.util.List;

/** Every check there is, in the order they are made and documented. */
final class Checks {
  static final List<Check> ALL =
      List.of(
          // The seven that AWS DMS makes, under its names.
          ServerChecks.VERSION,
          TargetChecks.PRIVILEGES,
          WalChecks.SLOTS,
          ReadingChecks.READ_PRIVILEGES,
          WalChecks.LEVEL,
          WalChecks.SENDER_TIMEOUT,
          WalChecks.SENDERS,
          // The servers and the way there.
          ServerChecks.SAME_DATABASE,
          ServerChecks.STANDBY,
          ServerChecks.POOLER,
          ServerChecks.TLS,
          ServerChecks.CONNECTIONS,
          // Replication from the source.
          ReplicationChecks.PRIVILEGE,
          ReplicationChecks.OWNERSHIP,
          ReplicationChecks.PUBLICATION_PRIVILEGE,
          ReplicationChecks.SLOT_NAME,
          ReplicationChecks.GIVEN_SLOT,
          ReplicationChecks.PUBLICATION_NAME,
          ReplicationChecks.ALL_TABLES,
          WalChecks.KEEP_SIZE,
          WalChecks.PREPARED,
          WalChecks.LONG_TRANSACTIONS,
          // Rows.
          ReadingChecks.ROW_SECURITY,
          ReadingChecks.LARGE_OBJECTS,
          TableChecks.REPLICA_IDENTITY,
          TableChecks.DEFERRABLE_KEY,
          TableChecks.UNLOGGED,
          TableChecks.RECOPY_LIMIT,
          TableChecks.IDENTITY_FULL,
          TableChecks.GENERATED,
          TableChecks.INHERITANCE,
          TableChecks.OID_COLUMNS,
          // The schema.
          SchemaChecks.SCHEMA,
          ExtensionChecks.MISSING,
          ExtensionChecks.VERSIONS,
          ExtensionChecks.DATA,
          CompatibilityChecks.ENCODING,
          CompatibilityChecks.COLLATION,
          CompatibilityChecks.DATABASE_SETTINGS,
          SourceObjectChecks.RULES,
          SourceObjectChecks.EVENT_TRIGGERS,
          SourceObjectChecks.FOREIGN_TABLES,
          SourceObjectChecks.MATVIEWS,
          SourceObjectChecks.INVALID_INDEXES,
          SourceObjectChecks.NOT_VALID,
          SourceObjectChecks.SEQUENCES,
          // The target.
          EmptinessCheck.EMPTY,
          TargetChecks.TABLES,
          TargetChecks.TRIGGERS,
          TargetChecks.SUBSCRIPTIONS,
          TargetChecks.REPLICA_ROLE,
          TargetChecks.READ_ONLY,
          // The cutover.
          FenceChecks.OWNER,
          FenceChecks.SIGNAL,
          FenceChecks.VISIBILITY,
          FenceChecks.OVERRIDES,
          FenceChecks.WRITERS,
          FenceChecks.SUPERUSERS);

  private Checks() {}
}
