// SPDX-License-Identifier: MIT

internal import CameraCore

/// The names of the files beside a playlist: `index-init-0.mp4` and `index-0-15.m4s` for `index.m3u8`.
struct HLSNames {
    /// The playlist's path.
    let playlist: String
    /// The folder with its last slash; nothing for the present one.
    let folder: String
    private let stem: String

    /// Takes the path of a playlist; nil for one that does not end in `.m3u8`.
    init?(playlist: String) {
        guard MediaFormat.fileExtension(of: playlist) == "m3u8", !playlist.hasSuffix("/") else { return nil }
        self.playlist = playlist
        folder = playlist.lastIndex(of: "/").map { String(playlist[...$0]) } ?? ""
        stem = String(playlist.dropFirst(folder.count).dropLast(".m3u8".count))
    }

    /// The name of the file that describes the pictures of a part.
    func initialization(of part: Int) -> String { "\(stem)-init-\(part).mp4" }

    /// The name of a segment of a part.
    func segment(_ number: Int, of part: Int) -> String { "\(stem)-\(part)-\(number).m4s" }

    /// What a name was made of; nil for one that was not made here.
    func parts(of name: String) -> (part: Int, segment: Int?)? {
        guard name.hasPrefix("\(stem)-"), let dot = name.lastIndex(of: ".") else { return nil }
        let start = name.index(name.startIndex, offsetBy: stem.count + 1)
        guard start < dot else { return nil }
        let words = name[start..<dot].split(separator: "-", omittingEmptySubsequences: false)
        guard words.count == 2, let last = Self.number(words[1]) else { return nil }
        if words[0] == "init" { return name == initialization(of: last) ? (last, nil) : nil }
        guard let part = Self.number(words[0]), name == segment(last, of: part) else { return nil }
        return (part, last)
    }

    /// A number that can be counted on from.
    private static func number(_ word: Substring) -> Int? {
        guard word.count <= 15, word.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(word)
    }

    /// A name as an address in a playlist: what could mean something else there is written as %20 and the like.
    static func address(of name: String) -> String {
        var text = ""
        for byte in name.fileNameBytes {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return text
    }
}
