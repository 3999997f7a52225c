// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

extension ConfigurationTable {
    /// What is recorded, and how much of it is kept.
    static let recordings: [ConfigurationKey] = [
        ConfigurationKey(
            "record", "template", "TEMPLATE", example: "/srv/camera/{camera}/{counter:06d}.mp4",
            "The names of the files, with {counter} or {timestamp}; {camera} stands for the camera's name",
            check: Check.template),
        ConfigurationKey(
            "record", "mode", "continuous|schedule|trigger|motion", default: "continuous", example: "schedule",
            "When to record: always; in the hours of 'schedule'; when the page or the API asks for it; while something "
                + "moves, with 'before' and 'after' of 'events'", check: Check.parsed(RecordingMode.init(parsing:))),
        ConfigurationKey(
            "record", "schedule", "[DAYS] HH:MM-HH:MM", form: .list, example: "mon-fri 07:30-18:00",
            "The hours of 'mode: schedule', by the machine's local time; an earlier end is on the next day",
            check: Check.parsed(Timetable.Span.init(parsing:))),
        ConfigurationKey(
            "record", "split", "60s|1800frames|100MB", default: "10m", example: "10m",
            "Go on in the next file after so much", check: Check.parsed(SplitRule.init(parsing:))),
        ConfigurationKey(
            "record", "sync", "none|split|SECONDS", unit: "seconds", default: "none", example: "split",
            "When files go to the disk, those of events too: when the system likes, at each file's end, or every so often",
            check: Check.parsed(Parse.syncPolicy)),
        ConfigurationKey(
            "events", "template", "TEMPLATE", example: "/srv/camera/{camera}/event-{counter:06d}.mp4",
            "The names of the files of events", check: Check.template),
        ConfigurationKey(
            "events", "circular", "20s", unit: "seconds", default: "20s", example: "20s",
            "How much is kept in memory; it costs an encode beside the recording's", check: Check.parsed(Parse.duration)
        ),
        ConfigurationKey(
            "events", "before", "10s", unit: "seconds", default: "all that is kept", example: "10s",
            "What a file has from before its event, at least", check: Check.parsed(Parse.duration)),
        ConfigurationKey(
            "events", "after", "30s", unit: "seconds", default: "30s", example: "30s",
            "How long it goes on after the event; another event meanwhile prolongs it",
            check: Check.parsed(Parse.duration)),
        ConfigurationKey(
            "motion", "areas", "X,Y,WIDTH,HEIGHT", form: .list, unit: "shares of the picture",
            default: "the whole picture", example: "0,0.5,1,0.5", "The parts of the picture that count",
            check: Check.parsed(Parse.zoom)),
        ConfigurationKey(
            "motion", "threshold", "0…100", unit: "percent of the areas", default: "1", example: "2.5",
            "How much must move together", check: Check.number(0...100)),
        ConfigurationKey(
            "motion", "length", "N", unit: "pixels per frame", default: "2", example: "3",
            "How far something must move from one picture to the next", check: Check.number(0.25...256)),
        ConfigurationKey(
            "motion", "pictures", "N", unit: "pictures", default: "2", example: "5",
            "How many pictures in a row must show movement", check: Check.integer(1...1000)),
        ConfigurationKey(
            "retention", "keep-free", "2GB|10%", example: "10%", option: .retention,
            "Delete the oldest files so that so much of the disk stays free",
            check: Check.parsed(DiskAmount.init(parsing:))),
        ConfigurationKey(
            "retention", "keep-age", "7d|12h", unit: "seconds", example: "30d", option: .retention,
            "Delete files that were finished longer ago", check: Check.parsed(Parse.age)),
        ConfigurationKey(
            "retention", "keep-files", "N", unit: "files", example: "1000", option: .retention,
            "Keep so many files", check: Check.parsed(Parse.count)),
        ConfigurationKey(
            "retention", "keep-size", "100GB", unit: "bytes", example: "100GB", option: .retention,
            "Keep so many bytes of files", check: Check.parsed(DiskAmount.init(parsing:))),
    ]

    /// Pictures that are taken.
    static let pictures: [ConfigurationKey] = [
        ConfigurationKey(
            "timelapse", "template", "TEMPLATE", example: "/srv/camera/{camera}/lapse-{counter:06d}.jpg",
            "The names of the pictures", check: Check.template),
        ConfigurationKey(
            "timelapse", "interval", "10s", unit: "seconds", default: "60s", example: "5m",
            "The time from one picture to the next", check: Check.parsed(Parse.duration)),
        ConfigurationKey(
            "timelapse", "quality", "1…100", default: "85", example: "90", "The quality of JPEG pictures",
            check: Check.integer(1...100)),
        ConfigurationKey(
            "timelapse", "latest", "LINK", example: "/srv/camera/{camera}/latest.jpg",
            "A symbolic link that always names the newest picture"),
        ConfigurationKey(
            "stills", "template", "TEMPLATE", example: "/srv/camera/{camera}/{timestamp:%Y-%m-%d-%H%M}.jpg",
            "The names of the pictures", check: Check.template),
        ConfigurationKey(
            "stills", "at", "[DAYS] HH:MM", form: .list, example: "mon-fri 07:30",
            "When to take one, by the machine's local time", check: Check.parsed(Timetable.Moment.init(parsing:))),
        ConfigurationKey(
            "stills", "quality", "1…100", default: "85", example: "90", "The quality of JPEG pictures",
            check: Check.integer(1...100)),
    ]
}
