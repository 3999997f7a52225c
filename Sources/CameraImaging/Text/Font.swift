// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

#if Text
internal import CFreeType
internal import Synchronization

/// A font's file, read by FreeType, with the glyphs that were drawn last; safe to use from any thread.
final class Font: Sendable {
    private let state: Mutex<State>

    /// FreeType's objects; none of them may be used by two threads at once.
    private struct State: @unchecked Sendable {
        // Unchecked: reached under the lock alone.
        let face: FontFace
        var strikes: [GlyphStrike] = []
    }

    /// The fonts that were used last.
    private static let shelf = BoundedCache<String, Font>(limit: 4)

    private init(path: String, isDefault: Bool) throws(CameraError) {
        state = Mutex(State(face: try FontFace(path: path, isDefault: isDefault)))
    }

    /// The font in a file; nil for DejaVu Sans.
    ///
    /// - Throws: `.notFound` when it is missing, `.invalidValue` when it is no font with outlines.
    static func named(_ path: String?) throws(CameraError) -> Font {
        let file = path ?? defaultPath
        return try shelf.value(for: file) { () throws(CameraError) in
            try Font(path: file, isDefault: path == nil)
        }
    }

    /// The lines of a text, as glyphs beside each other.
    ///
    /// - Parameters:
    ///   - text: The text, with line feeds between its lines.
    ///   - size: From ascender to descender, in pixels.
    ///   - hasOutline: Whether glyphs have a line around them.
    /// - Returns: The lines.
    func lines(of text: String, size: Int, hasOutline: Bool) -> TextLines {
        state.withLock { state in
            let index = state.strikes.firstIndex { $0.size == size && $0.hasOutline == hasOutline }
            let strike =
                index.map { state.strikes.remove(at: $0) }
                ?? GlyphStrike(state.face, size: size, hasOutline: hasOutline)
            state.strikes.insert(strike, at: 0)
            if state.strikes.count > Self.strikeLimit { state.strikes.removeLast() }
            return strike.lines(of: text)
        }
    }

    /// Sizes of a font that are kept.
    private static let strikeLimit = 4
}

/// FreeType's view of a font.
final class FontFace {
    let face: FT_Face
    let library: FT_Library
    /// What FreeType reads from: of a file that it maps, a part that is cut off meanwhile would end the program.
    private let bytes: Cells<UInt8>

    init(path: String, isDefault: Bool) throws(CameraError) {
        bytes = try Font.bytes(of: path, isDefault: isDefault)
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else {
            throw CameraError(.system, Font.operation, reason: "FreeType found no memory")
        }
        var face: FT_Face?
        let isScalable = 1 << 0  // FT_FACE_FLAG_SCALABLE
        guard FT_New_Memory_Face(library, bytes.base, bytes.count, 0, &face) == 0, let face,
            face.pointee.face_flags & isScalable != 0
        else {
            if let face { FT_Done_Face(face) }
            FT_Done_FreeType(library)
            throw CameraError(
                .invalidValue, Font.operation, subject: path,
                reason: "this is no font with outlines that FreeType can read; name a .ttf, .otf or .ttc file")
        }
        self.library = library
        self.face = face
    }

    deinit {
        FT_Done_Face(face)
        FT_Done_FreeType(library)
    }
}
#else

/// Stands for fonts where FreeType was left out of the build: there is none.
struct Font: Sendable {
    private init() {}

    /// Throws `.unsupported`.
    static func named(_ path: String?) throws(CameraError) -> Font {
        throw CameraError(
            .unsupported, operation,
            reason: "FreeType was left out of this build; install libfreetype-dev and build with the trait Text")
    }

    /// Nothing.
    func lines(of text: String, size: Int, hasOutline: Bool) -> TextLines { TextLines() }
}
#endif

extension Font {
    static let operation = "opening the font"

    /// Where Debian's package fonts-dejavu-core puts it.
    static let defaultPath = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

    /// The most bytes of a font; those with all of Unicode's ideographs have less than a tenth.
    private static let largestFile = 256 << 20

    /// The bytes of a font's file.
    ///
    /// - Throws: `.notFound`, `.permissionDenied`; `.invalidValue` for what is no file or too large; `.system` when reading
    ///   fails.
    fileprivate static func bytes(of path: String, isDefault: Bool) throws(CameraError) -> Cells<UInt8> {
        // Without waiting: a pipe might keep us.
        let number = path.withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard number >= 0 else { throw openingFailure(errno, path, isDefault: isDefault) }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CameraError(.invalidValue, operation, subject: path, reason: "this is not a file")
        }
        guard status.st_size <= largestFile else {
            throw CameraError(
                .invalidValue, operation, subject: path,
                reason: "it has \(status.st_size) bytes, and fonts have \(largestFile) at most; name a font's file")
        }
        let bytes = Cells<UInt8>(repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let result = read(number, bytes.base + count, bytes.count - count)
            if result < 0, errno == EINTR { continue }
            guard result > 0 else {
                let cause = result == 0 ? "it was cut short meanwhile" : String(cString: strerror(errno))
                throw CameraError(
                    .system, operation, subject: path, reason: "it could not be read to its end: \(cause)")
            }
            count += result
        }
        return bytes
    }

    private static func openingFailure(_ error: Int32, _ path: String, isDefault: Bool) -> CameraError {
        switch error {
        case EACCES, EPERM:
            CameraError(
                .permissionDenied, operation, subject: path, reason: "this user may not read it; change its rights")
        case ENOENT, ENOTDIR:
            CameraError(
                .notFound, operation, subject: path,
                reason: isDefault
                    ? "install the package fonts-dejavu-core, or name another font"
                    : "there is no such file; name a font's file")
        default: CameraError(.system, operation, subject: path, reason: String(cString: strerror(error)))
        }
    }
}
