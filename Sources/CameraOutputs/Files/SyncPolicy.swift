// SPDX-License-Identifier: MIT

/// When written data go from the kernel's memory to the disk.
///
/// Each picture is handed to the kernel at once, so a program that crashes or is killed loses none that was written,
/// whatever the policy. The policies differ in what a power cut or a crash of the kernel can take. Syncing runs on a
/// thread of the file, never on an encoder's; an error of it is thrown by the next `write` or `close`.
public enum SyncPolicy: Hashable, Sendable {
    /// The kernel decides: with Linux's settings it writes data back once it is about 30 s old, so a power cut costs up
    /// to some 35 s, and with a slow disk more. The default, as it wears memory cards least.
    case none
    /// At the end of each file: a power cut costs what ``none`` does of the file that is being written, and nothing of
    /// the files before it once their sync is done.
    case onSplit
    /// While the file is written, this long after the last sync, and at its end: a power cut costs at most this time and
    /// the time that a sync takes.
    case every(Duration)
}
