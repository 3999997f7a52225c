// SPDX-License-Identifier: MIT

package import CameraCore

/// A finished file of an archive.
package struct ArchiveFile: Encodable, Sendable {
    /// What names it in addresses: a number of the archive's.
    package let id: Int64
    /// Where it is, which nobody is told.
    package let path: String
    /// When its first picture was taken.
    package let start: WallTime
    /// When its last picture's time was over.
    package let end: WallTime
    /// Its bytes.
    package let bytes: Int
    /// The number of its pictures; 0 where that is not known.
    package let frames: Int
    /// Whether retention leaves it alone.
    package let isProtected: Bool

    /// Puts it together.
    package init(
        id: Int64, path: String, start: WallTime, end: WallTime, bytes: Int, frames: Int, isProtected: Bool
    ) {
        (self.id, self.path) = (id, path)
        (self.start, self.end) = (start, end)
        (self.bytes, self.frames, self.isProtected) = (bytes, frames, isProtected)
    }

    /// Its own name.
    var name: String { String(path.split(separator: "/").last ?? "") }

    private enum CodingKeys: CodingKey { case id, name, type, start, end, bytes, frames, isProtected }

    /// Writes it as the API has it, with times in seconds since 1970.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(name, forKey: .name)
        try values.encode(HTTPResponse.mediaType(of: name), forKey: .type)
        try values.encode(start.secondsSince1970, forKey: .start)
        try values.encode(end.secondsSince1970, forKey: .end)
        try values.encode(bytes, forKey: .bytes)
        try values.encode(frames, forKey: .frames)
        try values.encode(isProtected, forKey: .isProtected)
    }
}
