-- The registry: states of rarely written grains, stored by Orleans' Persistence.AdoNet. Orleans loads its statements from
-- the table orleansquery and defines their parameters. Tables and statements are the grid's own because Orleans' script
-- has no unique key: two silos that insert the same record at once would both succeed.
-- The whole script is one transaction and can be repeated.

SELECT pg_advisory_xact_lock(hashtext('grid.registry'));

CREATE TABLE IF NOT EXISTS orleansquery (
    querykey text PRIMARY KEY,
    querytext text NOT NULL
);

-- A record is identified by the service, its state's name and its key: a 128-bit number, a text, or both.
CREATE TABLE IF NOT EXISTS grid_registry (
    service text NOT NULL,
    state text NOT NULL,
    key_high bigint NOT NULL,
    key_low bigint NOT NULL,
    key_text text NOT NULL,
    payload bytea,
    version int NOT NULL,
    changed timestamptz NOT NULL,
    PRIMARY KEY (state, key_text, key_high, key_low, service)
);

-- A write without a version inserts; a write with a version must match the stored one. It returns the new version. If that
-- is the caller's version or NULL, nothing was written and Orleans reports a conflict.
INSERT INTO orleansquery (querykey, querytext) VALUES
('WriteToStorageKey', '
    WITH changed AS (
        UPDATE grid_registry SET payload = @PayloadBinary, version = version + 1, changed = now()
        WHERE state = @GrainTypeString AND key_text = coalesce(@GrainIdExtensionString, '''')
            AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND service = @ServiceId
            AND @GrainStateVersion IS NOT NULL AND version = @GrainStateVersion
        RETURNING version
    ), made AS (
        INSERT INTO grid_registry (service, state, key_high, key_low, key_text, payload, version, changed)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''''), @PayloadBinary, 1, now()
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version
    )
    SELECT coalesce((SELECT version FROM changed), (SELECT version FROM made), @GrainStateVersion) AS NewGrainStateVersion'),
('ReadFromStorageKey', '
    SELECT payload AS PayloadBinary, version AS Version FROM grid_registry
    WHERE state = @GrainTypeString AND key_text = coalesce(@GrainIdExtensionString, '''')
        AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND service = @ServiceId'),
('ClearStorageKey', '
    WITH changed AS (
        UPDATE grid_registry SET payload = NULL, version = version + 1, changed = now()
        WHERE state = @GrainTypeString AND key_text = coalesce(@GrainIdExtensionString, '''')
            AND key_high = @GrainIdN0 AND key_low = @GrainIdN1 AND service = @ServiceId
            AND version = @GrainStateVersion
        RETURNING version
    )
    SELECT coalesce((SELECT version FROM changed), @GrainStateVersion) AS NewGrainStateVersion')
ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext;
