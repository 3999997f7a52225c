// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

extension ConfigurationTable {
    /// What is drawn onto pictures, and how they are turned.
    static let drawing: [ConfigurationKey] = [
        ConfigurationKey(
            "drawing", "text", "TEXT", example: "Hall {timestamp:%H:%M:%S}", option: .drawing,
            "A text on every picture; {timestamp:…} is its moment by strftime(3), {frame} its number, \\n a new line",
            check: Check.parsed(Parse.text)),
        ConfigurationKey(
            "drawing", "text-size", "6…160", unit: "pixels", default: "32", example: "32", option: .drawing,
            "The height of its letters", check: Check.integer(6...160)),
        ConfigurationKey(
            "drawing", "text-color", "white|#rrggbb[aa]", default: "white", example: "yellow", option: .drawing,
            "Its colour", check: Check.parsed(Color.init(parsing:))),
        ConfigurationKey(
            "drawing", "text-background", "black|#rrggbb[aa]", example: "black", option: .drawing,
            "The colour of a box behind it", check: Check.parsed(Color.init(parsing:))),
        ConfigurationKey(
            "drawing", "text-outline", "black|#rrggbb[aa]", example: "black", option: .drawing,
            "The colour of a line around its letters", check: Check.parsed(Color.init(parsing:))),
        ConfigurationKey(
            "drawing", "text-position", "top|bottom-left|…|X,Y", default: "top", example: "bottom-left",
            option: .drawing, "Where it stands", check: Check.parsed(Parse.position)),
        ConfigurationKey(
            "drawing", "font", "FILE", default: "DejaVu Sans",
            example: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", option: .drawing, "Its font"),
        ConfigurationKey(
            "drawing", "overlay", "FILE.png[@X,Y]", form: .list, example: "/etc/camera/logo.png@16,16",
            option: .drawing, "PNG pictures over all pictures, their upper left corners at X,Y"),
        ConfigurationKey(
            "drawing", "rotation", "0|90|180|270", unit: "degrees", default: "0", example: "180", option: .drawing,
            "Turn pictures clockwise", check: Check.parsed(Parse.rotation)),
        ConfigurationKey(
            "drawing", "hflip", Check.switchWords, default: "false", example: "true", option: .drawing,
            "Exchange left and right", check: Check.toggle),
        ConfigurationKey(
            "drawing", "vflip", Check.switchWords, default: "false", example: "true", option: .drawing,
            "Exchange top and bottom", check: Check.toggle),
        ConfigurationKey(
            "drawing", "zoom", "X,Y,WIDTH,HEIGHT", unit: "shares of the picture", default: "all of it",
            example: "0.25,0.25,0.5,0.5", option: .drawing, "Take this part alone", check: Check.parsed(Parse.zoom)),
        ConfigurationKey(
            "drawing", "effect", "negative|sketch|blur:2|…", example: "denoise", option: .drawing,
            "A filter over the pictures, with its parameters", check: Check.parsed(Parse.effect)),
        ConfigurationKey(
            "drawing", "color-effects", "U,V", default: "their own colours", example: "128,128", option: .drawing,
            "One colour for the whole picture; 128,128 is black and white", check: Check.parsed(Parse.colorEffects)),
    ]
}
