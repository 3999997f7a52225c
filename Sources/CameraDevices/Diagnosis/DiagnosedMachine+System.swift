// SPDX-License-Identifier: MIT

internal import CameraCore

/// Libraries, disk, clock and memory.
extension DiagnosedMachine {
    var libraryFindings: [Finding] {
        libraries().map { library in
            guard let failure = library.failure else {
                return Finding(.library, .fine, library.name, "\(library.name) is there, for \(library.purpose)")
            }
            // Its cameras are to be had by nothing else.
            let isNeeded = library.name == "libcamera" && isRaspberryPi
            return Finding(
                .library, isNeeded ? .trouble : .note, library.name,
                "\(library.name), for \(library.purpose), cannot be loaded: \(failure)",
                remedy: "sudo apt install \(library.package)")
        }
    }

    /// Room that a recording needs to begin, and room that is little.
    private static let leastRoom = 100_000_000
    private static let littleRoom = 2_000_000_000

    func diskFindings(_ folder: String) -> [Finding] {
        let place = folder == "." ? "this folder" : folder
        let space: Space
        switch self.space(folder) {
        case .failure(let error):
            return [
                Finding(
                    .disk, .trouble, folder, "\(place) cannot be recorded to: \(error)",
                    remedy: "mkdir -p \(folder.asShellWord)")
            ]
        case .success(let found): space = found
        }
        if space.isReadOnly {
            return [
                Finding(
                    .disk, .trouble, folder,
                    "the disk of \(place) is read-only; the kernel makes a damaged one so, and its log tells why",
                    remedy: "sudo mount -o remount,rw \"$(findmnt -n -o TARGET --target \(folder.asShellWord))\"")
            ]
        }
        if !space.isWritable {
            return [
                Finding(
                    .disk, .trouble, folder, "\(user) may not write to \(place)",
                    remedy: "sudo chown \(user) \(folder.asShellWord)")
            ]
        }
        if space.freeFiles == 0 {
            return [
                Finding(
                    .disk, .trouble, folder, "the disk of \(place) has no room for another file's name",
                    remedy: "df -i \(folder.asShellWord)")
            ]
        }
        let megabytes = "\(space.freeBytes / 1_000_000) MB"
        if space.freeBytes < Self.littleRoom {
            let isFull = space.freeBytes < Self.leastRoom
            return [
                Finding(
                    .disk, isFull ? .trouble : .note, folder,
                    "the disk of \(place) has \(megabytes) left; delete something, or have recordings delete the oldest by "
                        + "--keep-free", remedy: "df -h \(folder.asShellWord)")
            ]
        }
        return [Finding(.disk, .fine, folder, "the disk of \(place) has \(megabytes) left")]
    }

    var clockFinding: Finding {
        let remedy = "sudo timedatectl set-ntp true"
        // A day, since files of packages and copies may have the times of another time zone.
        if let built = buildTime(), now() < built - 86_400 {
            return Finding(
                .clock, .trouble, nil, "the clock is not set: it shows a time before this program was installed",
                remedy: remedy)
        }
        guard isClockSet() ?? true else {
            return Finding(
                .clock, .note, nil,
                "no time server sets the clock: names and times of recordings are as right as it happens to be",
                remedy: remedy)
        }
        return Finding(.clock, .fine, nil, "the clock is set")
    }

    var memoryFinding: Finding {
        let words = (line("/proc/meminfo") ?? "").split(separator: " ")
        guard words.count >= 2, words[0] == "MemTotal:", let kilobytes = Int(words[1]) else {
            return Finding(.memory, .note, nil, "the kernel does not tell how much memory there is")
        }
        let megabytes = kilobytes / 1024
        guard megabytes < 640 else { return Finding(.memory, .fine, nil, "there are \(megabytes) MB of memory") }
        return Finding(
            .memory, .note, nil,
            "there are only \(megabytes) MB of memory: record 1280x720 or less, keep rings short, and run no desktop beside it",
            remedy: "camera record clip.mp4 --size 1280x720 --preset ultrafast --threads 1")
    }
}
