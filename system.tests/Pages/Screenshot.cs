using StbImageSharp;
using ZXing;
using ZXing.Common;
using ZXing.QrCode;

namespace Grid.Tests.Pages;

/// <summary>A screenshot of a browser, pixel by pixel, and the symbol that a scanner (ZXing) reads in it.</summary>
internal sealed class Screenshot
{
    private const int BytesAPixel = 3;

    private readonly byte[] _rgb;

    private Screenshot(ImageResult image) => (Width, Height, _rgb) = (image.Width, image.Height, image.Data);

    public int Width { get; }

    public int Height { get; }

    public static Screenshot Of(byte[] png) => new(ImageResult.FromMemory(png, ColorComponents.RedGreenBlue));

    public (byte Red, byte Green, byte Blue) At(int x, int y)
    {
        int i = (y * Width + x) * BytesAPixel;
        return (_rgb[i], _rgb[i + 1], _rgb[i + 2]);
    }

    /// <summary>The text of the QR symbol in the picture, or null.</summary>
    public string? Read()
    {
        var source = new RGBLuminanceSource(_rgb, Width, Height, RGBLuminanceSource.BitmapFormat.RGB24);
        var hints = new Dictionary<DecodeHintType, object> { [DecodeHintType.TRY_HARDER] = true };
        return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source)), hints)?.Text;
    }
}
