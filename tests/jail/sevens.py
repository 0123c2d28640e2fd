"""Small 7z archives as real programs write them.

Made with 7-Zip 26.02 (`7zz a -mtm-` and what stands at each), bsdtar 3.6.2 and py7zr 1.1.4, of the files below.
"""

import base64

FILES = {
    "words.txt": b"words of a letter\n" * 20,
    "sub/x86": b"".join(b"\xe8" + (place * 7).to_bytes(4, "little") + b"\x90" for place in range(50)) + b"\xe8\1\2",
    "sub/Ünïcode 图片.txt": b"x",
}  # besides a link, an empty file and a folder

# -snl: LZMA2, the link as one
PLAIN = base64.b85decode(
    "H+sCUCma9-1lg%`C;<Qf00000BLDyZ00000+P&y8-~ylkd|d!Lo64%xu(K0t4_vzU@_KcO8~8?_I@vr2p%{*`U3^+U{ph>vAz&>*JADC+M1@q%"
    "UXR>CQ^$1B>gd6loEG?&!CI|0T#}%ghwzNIU4x|etj?t0EYJltm|{4N6EYy~lxB9vI&?|A@7hK=tozG7$1UrI{UtKm&FBCC004nA2d)p*FTNrc"
    "Y$+c|9h$YbVzaiw6F&dNK%uZ9!NG^P-uuuaX#HRooc<4%SBue5G`GD;Z7}Cp6z16z5oGs@FG?`NAZVHcms`)J5r^Q<60(5;5<_BLuxtmWdRX9D"
    "<3!mW+0O|*en+|7esLdkf5GX0F*2N|(iKY3@0Qqo9R*fL0E2lIM*BQEb>SaW;HkROtCE#ny8NpRtN;K27Y2ZY0SSPl00#>J00AQd0RaVF01yBG"
    "41nSa0kty-%m4r"
)
# -m0=BCJ -m1=LZMA
FILTERED = base64.b85decode(
    "H+sCUCma9-lQBmQ<NyEw00000AOHXW00000YvWJ%0CWL78928N9wW%@`67EiY;tRnO@cA_e?0Aj1OsNGj<NRn;O=aAM5j>~5=1Y!wtjnzABrCj"
    "RSR%Yg4<(sKB*gJ!1$bN)JOk2;Nfv7b7I8Y!O4DkDlonPQ$nu98x{J{ab7qM+KQYN+UZUkZsQvfK9&mr0001iGY75@)Y5!eLJ;~QeB?%w>0{$@"
    "m@&j0G|iF&msh-?Yw<lGCMXz(9O8`A^$FcJ6)9LZM91<9ZB{J!_ew`9!bS+io83HWCq4x!G)6Xd{L6S{R|5}^G1@@CFH+dBxvGd%C-3TD7Y2C&"
    "32Oic3jqKDBLe{e1zi9T000bf3ISJBz}5f&"
)
# -ms=off -m0=Delta:6 -m1=BZip2: a block each
APART = base64.b85decode(
    "H+sCUCma9-NoWtW{{R3000000A^-pY000009BohmLRx4!F+o`-Q&}S%Ihz0gm_RXLfIt8M5CA|R05HG;lBSuvz__G;pJ2PXEvjtryOJrwgn=00"
    "%-BL&XgM)KSte6idd6<(002>Uu%rPI06+i$1QY-S0GNOP0RRI5%b);Ipa21Y6smv#ZAKGnI}_<Lqm3UhPK4@Av5a=XH6~>IO$nZKXGVn9ji~-E"
    "<ce^iAoYyh&;S5|GY76Qo3KHB9cu?m>Lxb2I@i?8xUu+Fx)7`@I(usbVl{kUxs_&09cDdtg+nI<`o-9)XUQp?fTv=c%*<N&eAF)T^_<o7KR-RZ"
    "C}!SA!wA0IhL2uV(wwl*3DH#5E?@u`27s9X31$EX3jqKDBLe{e1zi9T000btf(ijtS%Y@~00"
)
# -mx=0
STORED = base64.b85decode(
    "H+sCUCma9-65Zk;@B#n;00000ApigX00000knb+i=l}o!0FdYh0001x=nen?0FdYv0001x=o|n50FdY-0001x=qdmJ0FdZ00001x=r{lX0FdZE"
    "0001x=tckl0FdZS0001x=u`jz0FdZg0001x=wbi>0FdZu0001x=x_i40FdZ+0001x=zahI0FdZ~0001x=!^gW0FdaD0001x=$Zfk0FdaR0001x"
    "=%@ey0Fdaf0001x=(Yd=0Fdat0001x=)?d30Fda*0001x=+XcH0Fda}0001x=->bV0FdbC0001x=<Waj0FdbQ0001x===Zx0FdYd0RRAy=n4S<"
    "0FdYr0RRAy=okS20FdY(0RRAy=q3RG0FdY{0RRAy=rjQU0FdZA0RRAy=t2Pi0FdZO0RRAy=uiOw0FdZc0RRAy=m7$EZ*pXFAa7<MVIXW}baZ8M"
    "3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzG"
    "WpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}"
    "baZ8M3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8"
    "Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzGWpWC4Z*pXFAa7<MVIXW}baZ8M3U_aEWOE>IW*}i8Y-MzGWpWAt0D&_Ht}&kD"
    "l4us=-b3Xo#bt)8T-dSO-G6ESD^<LHf*p*}-cNe<RHUl5^0+e2bm|{|^w&ENMG47qZ-0+EVu}3RLa|E1da+e|b=dmP@(l9>+a4kS7Y2ft0SQ?E"
    "2MYlJ0V4we0R>$E5C8xSVhRDdW7-4&00"
)
# deflate
BSDTAR = base64.b85decode(
    "H+sCUCma9+dE*V=d;tIe00000BLDyZ00000i8g-1?a(0$!cYK3VW(lRAQ%M0zz2dsP!J4)K`;mg!5|n+6E_$LllkB+*=!2~o6Tmk*=#nOZO!JA"
    "&9<PP|6ucmFPwOl=g(KdbA%-pwv@JSsDJrE36jibQKDlWi)dm6YuLm#cCn8`9OD#c=;9I;u5p7QZgGcuJm3*ec*YA}@rE(p@qtf#VTw8JtAPb9"
    "VHvAf#};<5hXWkp1hp&=He?{*004nA2d)p*FmtLGB-8$~mwLey=r$o@PEBZUv_;Dl>eE~>jJ)NE28AsKcH1hcI0^$qAS{T3f;VB%kO-{pi-jv`"
    "y{YqktOsM6^VnPN`4V<9o+<R->go0gK3oo`F1Fp0;4a{OT*XX3RjPGdhh9c~MYaCn4!iE79xLtwcj|Ipwrc)j#~8+r3X&9Ha+yI^l6iK~){QJ("
    "q%0z!a3l2CT_Z0M$8o1Uu`%erC)e@=j2qibd>_fa6p?^n){|l9!%D;k0OQ_NI4rE!I<GkY`KurR7Y2Z&0SSQE00#>J00AQd0RaVF004jh41tmg"
    "0q=v15C8x"
)
# as it does by itself: BCJ and LZMA2
PY7ZR = base64.b85decode(
    "H+sCUCma9-D)UAtK>+{&000007XSbN00000)*o>m-~yKbdtCrKo64%xuu^lvgQfTklLT6e(r1s$X|AW0`#V$c<!3p>>$(lEirNv1P+H2EHdDV("
    "KrIrO9MsIvFkDz5ZDJG<QOEt>BB(+!PYYpt%sQOi7|Z1~JuQd=1w8usT{^((eMhxFXV;dM<k>ZH(TT8eqn*8S9L&^WhyVcK0So}PT>t=qGY75@"
    ")i1bp)@&yM;O^5)LG-U#7G<`}5AUm9q#q%v$ZqqAxVf>ULl^R^4z@<z{%rZl|E_hkRd}R;V6kO(Zpiq6)Rtl(joA+Txby&&9DbtC&-G8)T&D1-"
    "`Z?TgX(VY`<Zs<I>qUtD!`L(Fv}~vSwv)y#D0E-w&R}r;9soaMEv)@DLC{sQEIuF-142P>f5`$Pi@315#RmsxafLAc&@kB_&;^;AgkeR*<A4AF"
    "02c;;g8>PEz5oXc0RRCZApsZ+feiov"
)
# -psecret
ENCRYPTED = base64.b85decode(
    "H+sCUCma9-+K-`)FaQ7m00000UH||900000oG9_$h@rbg9eIoR&mU5H&`iPw>rU#a;h7Y5;@rWR?GONK!L?8@Q|;MdrmO<G6C3h%0R#pB0SPbw"
    "2MYlJ0wf0U2LTdO4{FtUU|}jn=Umn26X)#L+#w+W0096DBY|iD2nqqnF2>&g00jXV01*`ccK~kyasXria{w*?bO3k&bN~PV6$SwSAb_NS000"
)
# -psecret -mhe: the names too
HIDDEN = base64.b85decode(
    "H+sCUCma9-#%6t3kN^Mx00000E&u=k00000ktLZw)X+?s?scQoS3G!SKHzo((FoMn{Iv3uk%dyzi#oWQ4FGC4<V*r#8hb_@yh#5Yucx~omGptb"
    "K~Ijp@l!O99j`G`;S$*fD})AYX+x%fQr3Q*vs>*TViG0?#Hla<;z>u(0WeeZewxgZmSBYrrkDUp?;JU?-R{37##%?j?F;9Ubr2aYJQF4&Mg$tz"
    "7X~l^319#R3jqKDBnI&Z0TNRW@$5`t$UqB|v7l@zA!z8%3|<NWG}HVA000"
)
# -m0=PPMd
PPMD = base64.b85decode(
    "H+sCUCma9-HOf}D8vp<R00000P5=M^00000a+0))0Cx6SaUFsgw^Bvq%`KpeN6#!CQUCw|000011O@;B2^#<h3jqKDBLf5h1qJ{B0RRkvXaEQb"
    "0mv@K-v9sw0T~4V000005fuP;0B-<t0Av7j04@M@0C)g&0000L1_1ydfTV!{00"
)
# -m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA
BCJ2 = base64.b85decode(
    "H+sCUCma9-m4~V}fB*mh00000dH?_b00000s?vo(0CXfMY!wItf&n2S^;nAih=+`;%bU?5%9(6UbcQQjMOq>{ePsq8Yo~pinL4{9){T^o87F{1"
    "WjYE#sM)Mw0RR5VMnM1o00000XaB(lrTh3xOFqidyBfe`$k4lqM`%I)t|NOCC(m*+aI`Od*42mXM_CsIyjB1J000000R#pB1PMS2F$Dkz3jqKG"
    "BLe{e1zi9T001Kc0RaVF01yBGBLe{e1zi9T000yN0|6TZ0R;dA0RsX81_1yJ09=66fiD0E3ISBh3SR&K1pyfe000000000001*)Ya{zS!VgN4y"
    "cmOy6HUIzs6$SwSAb_NS000"
)
