-- The registry: states of rarely written grains, through Orleans' Persistence.AdoNet. Orleans reads the statements that it
-- runs from the table orleansquery and names their parameters; tables and statements are the grid's own, because Orleans'
-- script has no unique key: of two silos that write a new record at once both would win.
-- The whole script is one transaction and can be run again.

SELECT pg_advisory_xact_lock(hashtext('grid.registry'));

CREATE TABLE IF NOT EXISTS orleansquery (
    querykey text PRIMARY KEY,
    querytext text NOT NULL
);

-- A record is known by the service, the name of its state, and its key: a number of 128 bits, a text, or both.
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

-- A write without a version is the first; one with a version must meet that version. The new version comes back; when it
-- is the caller's own or none, nothing was written, and Orleans calls that a conflict.
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
