// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

#if Text
internal import CFreeType
internal import Synchronization

/// A font's file, opened by FreeType, with the glyphs that were drawn last; safe to use from any thread.
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

/// FreeType's view of a font's file.
final class FontFace {
    let face: FT_Face
    let library: FT_Library

    init(path: String, isDefault: Bool) throws(CameraError) {
        try Font.checkFile(path, isDefault: isDefault)
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else {
            throw CameraError(.system, Font.operation, reason: "FreeType found no memory")
        }
        var face: FT_Face?
        let isScalable = 1 << 0  // FT_FACE_FLAG_SCALABLE
        guard FT_New_Face(library, path, 0, &face) == 0, let face, face.pointee.face_flags & isScalable != 0 else {
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

    /// Throws when the font's file cannot be opened; only files are, since a pipe might keep us waiting.
    static func checkFile(_ path: String, isDefault: Bool) throws(CameraError) {
        var status = stat()
        let remedy = isDefault ? "install the package fonts-dejavu-core, or name another font" : nil
        guard stat(path, &status) == 0 else {
            throw CameraError(
                .notFound, operation, subject: path, reason: remedy ?? "there is no such file; name a font's file")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CameraError(.invalidValue, operation, subject: path, reason: "this is not a file")
        }
        guard access(path, R_OK) == 0 else {
            throw CameraError(.permissionDenied, operation, subject: path, reason: "the file cannot be read")
        }
    }
}
