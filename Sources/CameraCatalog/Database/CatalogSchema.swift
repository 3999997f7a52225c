// SPDX-License-Identifier: MIT

internal import GRDB

/// The tables of the catalogue, and how those of earlier versions become these.
enum CatalogSchema {
    /// What the database calls the program that made it: "swca".
    static let application = 0x7377_6361

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in try database.execute(sql: first) }
        return migrator
    }

    // Times are nanoseconds since 1970. `turn` is the order in which files were recorded, which the clock does not change:
    // the end of the file, or more where the clock was set back. What a camera has in all is kept by triggers, since counting
    // a million rows takes longer than anybody waits.
    private static let first = """
        PRAGMA application_id = \(application);

        CREATE TABLE camera (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            files INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            longest INTEGER NOT NULL DEFAULT 0,
            lastTurn INTEGER NOT NULL DEFAULT 0
        );

        CREATE TABLE file (
            id INTEGER PRIMARY KEY,
            cameraId INTEGER NOT NULL REFERENCES camera(id),
            path TEXT NOT NULL UNIQUE,
            begins INTEGER NOT NULL,
            ends INTEGER NOT NULL,
            frames INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            width INTEGER,
            height INTEGER,
            format TEXT,
            isProtected INTEGER NOT NULL DEFAULT 0,
            turn INTEGER NOT NULL
        );
        CREATE INDEX fileByTime ON file(cameraId, begins);
        CREATE INDEX fileByTurn ON file(cameraId, turn) WHERE isProtected = 0;

        CREATE TRIGGER fileAdded AFTER INSERT ON file BEGIN
            UPDATE camera SET files = files + 1, bytes = bytes + NEW.bytes,
                longest = max(longest, NEW.ends - NEW.begins), lastTurn = max(lastTurn, NEW.turn)
            WHERE id = NEW.cameraId;
        END;
        CREATE TRIGGER fileForgotten AFTER DELETE ON file BEGIN
            UPDATE camera SET files = files - 1, bytes = bytes - OLD.bytes WHERE id = OLD.cameraId;
        END;
        CREATE TRIGGER fileChanged AFTER UPDATE OF cameraId, begins, ends, bytes, turn ON file BEGIN
            UPDATE camera SET files = files - 1, bytes = bytes - OLD.bytes WHERE id = OLD.cameraId;
            UPDATE camera SET files = files + 1, bytes = bytes + NEW.bytes,
                longest = max(longest, NEW.ends - NEW.begins), lastTurn = max(lastTurn, NEW.turn)
            WHERE id = NEW.cameraId;
        END;

        CREATE TABLE interruption (
            id INTEGER PRIMARY KEY,
            cameraId INTEGER NOT NULL REFERENCES camera(id),
            begins INTEGER NOT NULL,
            ends INTEGER,
            reason TEXT NOT NULL,
            text TEXT
        );
        CREATE INDEX interruptionByTime ON interruption(cameraId, begins);

        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            cameraId INTEGER NOT NULL REFERENCES camera(id),
            kind TEXT NOT NULL,
            time INTEGER NOT NULL,
            text TEXT NOT NULL,
            file TEXT
        );
        CREATE INDEX eventByTime ON event(cameraId, time);
        """
}
