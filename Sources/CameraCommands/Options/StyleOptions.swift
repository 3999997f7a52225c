// SPDX-License-Identifier: MIT

package import ArgumentParser
package import CameraKit

/// What is done to pictures before they are encoded.
package struct StyleOptions: ParsableArguments, Sendable {
    package init() {}

    @Option(
        help: ArgumentHelp(
            "Draw this onto every picture; \\n begins a new line.",
            discussion: """
                {timestamp:%H:%M:%S.%f} is the moment a picture was taken, with a pattern of strftime(3); {frame:06d} is \
                its number by the camera's count; {{ is a brace.
                """),
        transform: parsing(Parse.text))
    package var text: String?

    @Option(help: ArgumentHelp("The height of its letters in pixels, 6 to 160.", valueName: "N"))
    package var textSize: Int?

    @Option(
        help: ArgumentHelp("Its colour.", valueName: "white|#rrggbb[aa]"), transform: parsing(Color.init(parsing:)))
    package var textColor: Color?

    @Option(
        help: ArgumentHelp("The colour of a box behind it.", valueName: "black|#rrggbb[aa]"),
        transform: parsing(Color.init(parsing:)))
    package var textBackground: Color?

    @Option(
        help: ArgumentHelp("The colour of a line around its letters.", valueName: "black|#rrggbb[aa]"),
        transform: parsing(Color.init(parsing:)))
    package var textOutline: Color?

    @Option(
        help: ArgumentHelp("Where it stands.", valueName: "top|bottom-left|...|X,Y"),
        completion: .list(Parse.positions.map(\.word)), transform: parsing(Parse.position))
    package var textPosition: Annotation.Position?

    @Option(
        help: ArgumentHelp("Its font; DejaVu Sans unless given.", valueName: "FILE"),
        completion: .file(extensions: ["ttf", "otf", "ttc"]))
    package var font: String?

    @Option(
        help: ArgumentHelp(
            "Lay a PNG picture over them, its upper left corner at X,Y; may be given several times.",
            valueName: "FILE.png[@X,Y]"),
        completion: .file(extensions: ["png"]))
    package var overlay: [String] = []

    @Option(
        help: ArgumentHelp("Turn pictures clockwise.", valueName: "0|90|180|270"),
        completion: .list(["0", "90", "180", "270"]), transform: parsing(Parse.rotation))
    package var rotation: Int?

    @Flag(help: "Exchange left and right.") package var hflip = false

    @Flag(help: "Exchange top and bottom.") package var vflip = false

    @Option(
        help: ArgumentHelp("Take this part alone, in shares of the picture.", valueName: "X,Y,WIDTH,HEIGHT"),
        transform: parsing(Parse.zoom))
    package var zoom: ZoomRegion?

    @Option(
        help: ArgumentHelp(
            "A filter over the pictures, with its parameters.",
            valueName: "negative|sketch|blur:2|..."),
        completion: .words(of: ImageEffect.self), transform: parsing(Parse.effect))
    package var effect: Effect?

    @Option(
        help: ArgumentHelp("One colour for the whole picture; 128,128 is black and white.", valueName: "U,V"),
        transform: parsing(Parse.colorEffects))
    package var colorEffects: ColorEffects?

    /// A filter and its parameters.
    package struct Effect: Hashable, Sendable {
        package var name: ImageEffect
        package var parameters: [Double]
    }

    package func validate() throws {
        let details: [(String, Any?)] = [
            ("size", textSize), ("color", textColor), ("background", textBackground), ("outline", textOutline),
            ("position", textPosition),
        ]
        do throws(CameraError) {
            _ = try PreparedStyle(style)
        } catch  where error.code == .invalidValue {
            throw ValidationError("\(error)")
        } catch {
            // What the machine or the build lacks is told when it is needed.
        }
        guard text == nil else { return }
        if let (name, _) = details.first(where: { $0.1 != nil }) {
            throw ValidationError("--text-\(name) needs a text; give it with --text")
        }
        if font != nil { throw ValidationError("--font needs a text; give it with --text") }
    }

    /// Whether pictures stay as they come.
    package var isPlain: Bool {
        text == nil && overlay.isEmpty && (rotation ?? 0) == 0 && !hflip && !vflip && zoom == nil && effect == nil
            && colorEffects == nil
    }

    /// Asks it of a camera: turning, cutting and filters of its driver where it has them.
    package func apply(to camera: Camera) throws(CameraError) {
        guard !isPlain else { return }
        if let rotation { try camera.setRotation(rotation) }
        if hflip { try camera.setHFlip(true) }
        if vflip { try camera.setVFlip(true) }
        if let zoom { try camera.setZoom(zoom) }
        if let effect { try camera.setImageEffect(effect.name, parameters: effect.parameters) }
        let overlays = try overlay.map { argument throws(CameraError) in try Self.overlay(argument) }
        try camera.changeStyle { style in
            style.colorEffects = colorEffects
            style.overlays = overlays
            style.annotation = annotation
        }
    }

    /// Keeps the files that are drawn with from becoming outputs.
    package func claims() throws(CameraError) -> [FileClaim] {
        var claims: [FileClaim] = []
        for path in overlay.map({ Self.place(of: $0).path }) + [font].compactMap(\.self) {
            if let claim = try FileClaim(reading: path, "opening what is drawn") { claims.append(claim) }
        }
        return claims
    }

    /// A picture's name, which may be followed by its place; a name may have an @ itself.
    private static func place(of argument: String) -> (path: String, position: (x: Int, y: Int)?) {
        guard let at = argument.lastIndex(of: "@") else { return (argument, nil) }
        let place = argument[argument.index(after: at)...].split(separator: ",", omittingEmptySubsequences: false)
        guard place.count == 2, let x = Int(place[0]), let y = Int(place[1]) else { return (argument, nil) }
        return (String(argument[..<at]), (x, y))
    }

    private static func overlay(_ argument: String) throws(CameraError) -> PictureOverlay {
        let (path, position) = place(of: argument)
        return try PictureOverlay(contentsOf: path) { overlay in
            if let position { overlay.position = .at(x: position.x, y: position.y) }
        }
    }

    private var annotation: Annotation? {
        guard let text else { return nil }
        return Annotation(text) { annotation in
            annotation.size = textSize ?? annotation.size
            annotation.foreground = textColor ?? annotation.foreground
            annotation.background = textBackground
            annotation.outline = textOutline
            annotation.position = textPosition ?? annotation.position
            annotation.font = font
        }
    }

    /// What can be judged without a camera.
    private var style: PictureStyle {
        var style = PictureStyle()
        style.annotation = annotation
        style.effect = effect?.name ?? .none
        style.effectParameters = effect?.parameters ?? []
        return style
    }
}

extension Parse {
    /// Reads a text to draw; "\n" begins a new line.
    package static func text(_ text: String) throws(CameraError) -> String {
        guard text.unicodeScalars.allSatisfy({ $0.rawFileNameByte == nil }) else {
            throw CameraError(.invalidValue, "reading the text", reason: "it is not valid UTF-8")
        }
        return text.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }

    /// The words for where a text stands.
    static let positions: [(word: String, position: Annotation.Position)] = [
        ("top-left", .topLeft), ("top", .top), ("top-right", .topRight), ("left", .left), ("center", .center),
        ("right", .right), ("bottom-left", .bottomLeft), ("bottom", .bottom), ("bottom-right", .bottomRight),
    ]

    /// Reads where a text stands: a word or a place in pixels.
    package static func position(_ text: String) throws(CameraError) -> Annotation.Position {
        if let (_, position) = positions.first(where: { $0.word == text }) { return position }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let x = numbers[0], let y = numbers[1] else {
            throw CameraError(
                .invalidValue, "reading a position", subject: text,
                reason: "write it as X,Y in pixels or as one of \(positions.map(\.word).joined(separator: ", "))")
        }
        return .at(x: x, y: y)
    }

    /// Reads an angle in degrees.
    package static func rotation(_ text: String) throws(CameraError) -> Int {
        guard let degrees = Int(text), Transform.Rotation(rawValue: degrees) != nil else {
            throw CameraError(
                .invalidValue, "reading a rotation", subject: text, reason: "write 0, 90, 180 or 270 degrees")
        }
        return degrees
    }

    /// Reads a part of the picture, in shares of it: "0.25,0.25,0.5,0.5".
    package static func zoom(_ text: String) throws(CameraError) -> ZoomRegion {
        let description = SettingDescription(.zoom, .regions, value: nil)
        guard case .region(let region) = try description.value(parsing: text, of: "") else { return .full }
        return region
    }

    /// Reads a filter and its parameters: "blur:2".
    package static func effect(_ text: String) throws(CameraError) -> StyleOptions.Effect {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try ImageEffect(parsing: String(parts[0]))
        let numbers = parts.count == 1 ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false)
        let parameters = numbers.compactMap { Double($0) }
        guard parameters.count == numbers.count else {
            throw CameraError(
                .invalidValue, "reading an effect", subject: text,
                reason: "write its parameters as numbers with commas between them: \(name.rawValue):1,2")
        }
        return StyleOptions.Effect(name: name, parameters: parameters)
    }

    /// Reads one colour for the whole picture: "128,128".
    package static func colorEffects(_ text: String) throws(CameraError) -> ColorEffects {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { UInt8($0) }
        guard numbers.count == 2, let u = numbers[0], let v = numbers[1] else {
            throw CameraError(
                .invalidValue, "reading the colour", subject: text, reason: "write two numbers from 0 to 255: 128,128")
        }
        return ColorEffects(u: u, v: v)
    }
}
