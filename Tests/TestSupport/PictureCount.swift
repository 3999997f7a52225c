// SPDX-License-Identifier: MIT

internal import Foundation

/// The number of pictures that ffprobe decodes.
public func pictureCount(of path: String) throws -> Int? {
    let result = try run(
        "ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", path])
    return Int(result.text.trimmingCharacters(in: .whitespacesAndNewlines))
}
